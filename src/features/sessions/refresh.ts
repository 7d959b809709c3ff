import type { Session } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Device } from '../../platform/device.ts'
import { InvalidToken, SessionEnded, Unavailable } from '../../platform/error-table.ts'
import type { Audit } from '../audit/service.ts'
import { judge, type Presented } from './rotation.ts'
import { idleEnd, type Lifetimes } from './session-row.ts'
import type { EndReason, SessionStore } from './store.ts'
import type { OpenedSession, Tokens } from './tokens.ts'

/** How often a refresh looks again when other requests change the same row meanwhile. */
const ATTEMPTS = 5

type RefreshedSession = OpenedSession & { refreshed: 'rotated' | 'replayed' }
type Needs = {
  store: Pick<SessionStore, 'find' | 'rotate'>
  clock: Clock
  tokens: Tokens
  audit: Audit
  lifetimes: Lifetimes
  end: (sessionId: string, reason: EndReason) => Promise<boolean>
}

/** Makes the refresh: one read, one judgement, one conditional statement. */
export function createRefresh({ store, clock, tokens, audit, lifetimes, end }: Needs) {
  /**
   * Refreshes a session with a genuine refresh token.
   * @throws InvalidToken when the token is not for this transport, SessionEnded when the session is
   *   over, which a reused token makes it, Unavailable when others keep changing the row
   */
  async function refresh(presented: Presented, device: Device): Promise<RefreshedSession> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const refreshed = await tryRefresh(presented, device)
      if (refreshed) return refreshed
    }
    throw Unavailable()
  }

  /** @returns undefined when another request changed the row meanwhile, so that it must be read again */
  async function tryRefresh(
    presented: Presented,
    device: Device,
  ): Promise<RefreshedSession | undefined> {
    const row = await store.find(presented.claims.sid)
    const now = new Date(clock())
    const verdict = judge(row, presented, now.getTime(), lifetimes.graceSeconds)
    if (verdict === 'foreign') throw InvalidToken()
    if (verdict === 'over' || !row?.user) return await refuseOver(row)
    const { user, ...session } = row
    if (verdict === 'reused') return await endReused(session, device)
    if (verdict === 'replay')
      return { ...tokens.handOut(user, session, now), refreshed: 'replayed' }
    const rotated = await rotate(session, presented, device, now)
    return rotated && { ...tokens.handOut(user, rotated, now), refreshed: 'rotated' }
  }

  /** @returns the session in its next generation, or undefined when another request was faster */
  async function rotate(
    session: Session,
    { claims, keyHash }: Presented,
    device: Device,
    now: Date,
  ): Promise<Session | undefined> {
    const next = {
      generation: claims.gen + 1,
      rotatedAt: now,
      rotationKeyHash: keyHash,
      expiresAt: idleEnd(now, session, lifetimes),
      ...device,
    }
    if (!(await store.rotate(session, next))) return undefined
    if (claims.gen > session.generation) {
      const lost = `${claims.gen - session.generation} generations`
      await audit.record({ type: 'session_restored', ...ids(session), device, detail: lost })
    }
    return { ...session, ...next }
  }

  /** What was refused as over stays so, whatever becomes of the clock. */
  async function refuseOver(session: Session | null): Promise<never> {
    if (session?.revokedAt === null) await end(session.id, 'expired')
    throw SessionEnded()
  }

  async function endReused(session: Session, device: Device): Promise<never> {
    await end(session.id, 'refresh_token_reused')
    await audit.record({ type: 'refresh_token_reused', ...ids(session), device })
    throw SessionEnded()
  }

  return refresh
}

function ids({ id, userId }: Session) {
  return { sessionId: id, userId }
}
