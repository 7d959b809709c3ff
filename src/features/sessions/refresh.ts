import type { Session } from '../../generated/sqlite/client.ts'
import type { Budgets } from '../../platform/budgets.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Device } from '../../platform/device.ts'
import { InvalidToken, SessionEnded, Unavailable } from '../../platform/error-table.ts'
import type { Audit } from '../audit/service.ts'
import type { OwnedSession, Owner } from './read-session.ts'
import { judge, type Presented, type Verdict } from './rotation.ts'
import type { SeenTokens } from './seen-tokens.ts'
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
  budgets: Pick<Budgets, 'spend'>
  seen: Pick<SeenTokens, 'note'>
  lifetimes: Lifetimes
  end: (sessionId: string, reason: EndReason) => Promise<boolean>
}

/** Makes the refresh: one read, one judgement, one conditional statement. */
export function createRefresh(needs: Needs) {
  const { store, clock, tokens, audit, budgets, seen, lifetimes, end } = needs

  /**
   * Refreshes a session with a genuine refresh token.
   * @throws InvalidToken when the token is not for this transport, SessionEnded when the session has
   *   ended, which a reused token makes it, or when a new proof of identity came after the token,
   *   Unavailable when others keep changing the row, RateLimited when the session refreshes too often
   */
  async function refresh(presented: Presented, device: Device): Promise<RefreshedSession> {
    const { sid, gen } = presented.claims
    let row = await store.find(sid)
    // Whoever holds a token from before a renewal must not use up what the owner has.
    const isDead = row !== null && gen < row.lowestLiving
    await budgets.spend('refresh', isDead ? `${sid} before its renewal` : sid)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const refreshed = await tryRefresh(row, presented, device)
      if (refreshed) return refreshed
      row = await store.find(sid)
    }
    throw Unavailable()
  }

  /** @returns undefined when another request changed the row meanwhile, so that it must be read again */
  async function tryRefresh(
    row: OwnedSession | null,
    presented: Presented,
    device: Device,
  ): Promise<RefreshedSession | undefined> {
    const now = new Date(clock())
    const verdict = judge(row, presented, now.getTime(), lifetimes)
    if (verdict !== 'rotate' && verdict !== 'replay') return await refuse(verdict, row, device)
    // Whose token is to be answered has a live session of a user.
    if (!row?.user) throw SessionEnded()
    const { user, ...session } = row
    if (verdict === 'replay') return replay(user, session, presented, now)
    const rotated = await rotate(session, presented, device, now)
    return rotated && { ...tokens.handOut(user, rotated, now), refreshed: 'rotated' }
  }

  /** Hands out the current token again; a client that shows it has kept it. */
  function replay(user: Owner, session: Session, { claims }: Presented, now: Date) {
    if (claims.gen === session.generation) seen.note(session.id, claims.gen)
    const refreshed = 'replayed' as const
    return { ...tokens.handOut(user, session, now), refreshed }
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
  async function refuse(
    verdict: Exclude<Verdict, 'rotate' | 'replay'>,
    session: Session | null,
    device: Device,
  ): Promise<never> {
    if (verdict === 'foreign') throw InvalidToken()
    if (verdict === 'over' && session?.revokedAt === null) await end(session.id, 'expired')
    if (verdict === 'reused' && session) await endReused(session, device)
    throw SessionEnded()
  }

  async function endReused(session: Session, device: Device): Promise<void> {
    await end(session.id, 'refresh_token_reused')
    await audit.record({ type: 'refresh_token_reused', ...ids(session), device })
  }

  return refresh
}

function ids({ id, userId }: Session) {
  return { sessionId: id, userId }
}
