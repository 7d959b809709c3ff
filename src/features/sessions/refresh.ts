import { InvalidToken, SessionEnded } from '../../contract/errors.ts'
import type { IssuedSession } from '../../contract/issued-session.ts'
import type { SessionUser } from '../../contract/user.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Device } from '../../platform/device.ts'
import { Unavailable } from '../../platform/errors/table.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import type { Notices } from '../mail/notices.ts'
import type { RefreshClaims } from '../tokens/claims.ts'
import type { Tokens } from '../tokens/service.ts'
import { decideRotation, type RefreshAttempt, type RotationDecision } from './rotation.ts'
import type { SeenTokens } from './seen-tokens.ts'
import type { Session, SessionAndUser } from './session.ts'
import type { SessionEnding } from './session-ending.ts'
import { idleEnd, type Lifetimes } from './session-row.ts'
import type { SessionStore } from './store.ts'

/** How often to read the row again when other requests change it. */
const ATTEMPTS = 5

type RefreshedSession = IssuedSession & { refreshed: 'rotated' | 'replayed' }
type Dependencies = {
  store: Pick<SessionStore, 'find' | 'rotate'>
  clock: Clock
  tokens: Tokens
  audit: Audit
  notices: Pick<Notices, 'add'>
  rateLimits: Pick<RateLimits<'refresh'>, 'consume'>
  seen: Pick<SeenTokens, 'note'>
  lifetimes: Lifetimes
  end: SessionEnding['end']
}

/** A refresh is one read, one decision and one conditional statement. */
export function createRefresh(dependencies: Dependencies) {
  const { store, clock, tokens, audit, notices, rateLimits, seen, lifetimes, end } = dependencies
  const counts = { rotated: 0, replayed: 0, reused: 0, refused: 0 }

  /**
   * Refreshes a session with a genuine refresh token.
   * @throws InvalidToken for the wrong transport; SessionEnded, also after a reused token or a
   *   renewal; Unavailable if other requests keep changing the row; RateLimited
   */
  async function refresh(attempt: RefreshAttempt, device: Device): Promise<RefreshedSession> {
    const { sub, sid, gen } = attempt.claims
    let found = await store.find(sub, sid)
    // A token from before a renewal must not use up the owner's limit.
    const isDead = found !== undefined && gen < found.session.lowestLiving
    await rateLimits.consume('refresh', isDead ? `${sid} before its renewal` : sid)
    for (let turn = 0; turn < ATTEMPTS; turn++) {
      const refreshed = await tryRefresh(found, attempt, device)
      if (refreshed) return refreshed
      found = await store.find(sub, sid)
    }
    throw Unavailable()
  }

  /** @returns undefined if another request changed the row, which must then be read again */
  async function tryRefresh(
    found: SessionAndUser | undefined,
    attempt: RefreshAttempt,
    device: Device,
  ): Promise<RefreshedSession | undefined> {
    const now = new Date(clock())
    const decision = decideRotation(found?.session, attempt, now.getTime(), lifetimes)
    if (decision !== 'rotate' && decision !== 'replay')
      return await refuse(decision, found?.session, attempt, device)
    // A live session has a user.
    if (!found?.user) throw SessionEnded()
    const { user, session } = found
    if (decision === 'replay') return replay(user, session, attempt, now)
    const rotated = await rotate(session, attempt, device, now)
    if (rotated) counts.rotated += 1
    return rotated && { ...tokens.issueTokens(user, rotated, now), refreshed: 'rotated' }
  }

  /** Issues the current token again; a client that presents it has stored it. */
  function replay(user: SessionUser, session: Session, { claims }: RefreshAttempt, now: Date) {
    if (claims.gen === session.generation) seen.note(user.id, session.id, claims.gen)
    const refreshed = 'replayed' as const
    counts.replayed += 1
    return { ...tokens.issueTokens(user, session, now), refreshed }
  }

  /** @returns the next generation, or undefined if another request was faster */
  async function rotate(
    session: Session,
    { claims, keyHash }: RefreshAttempt,
    device: Device,
    now: Date,
  ): Promise<Session | undefined> {
    const next = {
      generation: claims.gen + 1,
      rotatedAt: now,
      rotationKeyHash: keyHash,
      expiresAt: idleEnd(now, session, lifetimes),
      ...{ ip: device.ip, userAgent: device.userAgent },
    }
    if (!(await store.rotate(session, next))) return undefined
    if (claims.gen > session.generation) {
      const lost = `${claims.gen - session.generation} generations`
      const { id: sessionId, userId } = session
      audit.record({ type: 'session_restored', userId, sessionId, device, detail: lost })
    }
    return { ...session, ...next }
  }

  /** Refuses, and ends an expired session, so that a clock that is set back cannot revive it. */
  async function refuse(
    decision: Exclude<RotationDecision, 'rotate' | 'replay'>,
    session: Session | undefined,
    { claims }: RefreshAttempt,
    device: Device,
  ): Promise<never> {
    counts[decision === 'reused' ? 'reused' : 'refused'] += 1
    if (decision === 'foreign') throw InvalidToken()
    if (decision === 'ended' && session?.revokedAt === null) {
      await end(claims.sub, claims.sid, 'expired')
    }
    if (decision === 'reused') await endReused(claims, device)
    throw SessionEnded()
  }

  async function endReused({ sub, sid }: RefreshClaims, device: Device): Promise<void> {
    await end(sub, sid, 'refresh_token_reused')
    audit.record({ type: 'refresh_token_reused', userId: sub, sessionId: sid, device })
    notices.add({ kind: 'refresh_token_reused', userId: sub, device })
  }

  return {
    refresh,
    /** How the refreshes of this process ended. */
    refreshCounts: () => ({ ...counts }),
  }
}
