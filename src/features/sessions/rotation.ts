import type { Transport } from '../../contract/session.ts'
import type { RefreshClaims } from '../tokens/claims.ts'
import type { Session } from './session.ts'
import type { Lifetimes } from './session-row.ts'

export type RefreshAttempt = {
  claims: RefreshClaims
  transport: Transport
  /** SHA-256 of the `Idempotency-Key`; null without one. */
  keyHash: string | null
}

type Rules = Pick<Lifetimes, 'graceSeconds' | 'forgivesUnseen'>

type LiveDecision = 'rotate' | 'replay' | 'reused' | 'renewed'
export type RotationDecision = LiveDecision | 'ended' | 'foreign'

/**
 * Decides about a genuine refresh token, from the row of its session and user alone:
 * - `rotate`: the current token after the grace window, or one from the future: the database has
 * lost a commit (a restored backup, a failover), and the session continues from there.
 * - `replay`: the current token in the window, or its forgiven predecessor; issues the current one.
 * - `reused`: any other used token (RFC 9700 4.14.2).
 * - `renewed`: a token from before a new proof of identity; it is revoked, but proves no theft.
 * - `ended`: the session has ended or expired.
 * - `foreign`: the token does not belong to this transport.
 * It compares generations, not times: those of tokens are whole seconds.
 */
export function decideRotation(
  session: Session | undefined,
  attempt: RefreshAttempt,
  now: number,
  rules: Rules,
): RotationDecision {
  const { claims, transport } = attempt
  if (!session) return 'ended'
  if (session.transport !== transport) return 'foreign'
  if (hasEnded(session, claims, now)) return 'ended'
  return decideForLive(session, attempt, now, rules)
}

function decideForLive(
  session: Session,
  attempt: RefreshAttempt,
  now: number,
  rules: Rules,
): LiveDecision {
  const { claims } = attempt
  if (claims.gen < session.lowestLiving) return 'renewed'
  if (claims.gen > session.generation) return 'rotate'
  const isInWindow = isWindowOpen(session, now, rules)
  if (claims.gen === session.generation) return isInWindow ? 'replay' : 'rotate'
  const isPredecessor = claims.gen === session.generation - 1
  const isForgiven = isInWindow || isLostResponse(session, attempt, rules)
  return isPredecessor && isForgiven ? 'replay' : 'reused'
}

/**
 * Whether the session has just rotated. So a token two rotations old is always older than the
 * window. A sign-in or a renewal opens no window.
 */
function isWindowOpen(session: Session, now: number, { graceSeconds }: Rules): boolean {
  const hasRotated = session.generation > session.lowestLiving
  return hasRotated && now - session.rotatedAt.getTime() <= graceSeconds * 1000
}

/**
 * Whether the client lost the response to its predecessor: it repeats the key of that rotation, or
 * nobody has used the successor.
 */
function isLostResponse(
  { generation, seenGeneration, rotationKeyHash }: Session,
  { keyHash }: RefreshAttempt,
  { forgivesUnseen }: Rules,
): boolean {
  const isSameRequest = keyHash !== null && keyHash === rotationKeyHash
  return isSameRequest || (forgivesUnseen && seenGeneration < generation)
}

function hasEnded(session: Session, claims: RefreshClaims, now: number): boolean {
  return session.revokedAt !== null || liveUntil(session, claims) <= now
}

/** The end of the session; a token from the future knows a later one than the row. */
function liveUntil(
  { generation, expiresAt, endsAt }: Session,
  { gen, exp }: RefreshClaims,
): number {
  const idleEnd = gen > generation ? Math.max(expiresAt.getTime(), exp * 1000) : expiresAt.getTime()
  return Math.min(idleEnd, endsAt.getTime())
}
