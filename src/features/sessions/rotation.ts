import type { Session } from '../../generated/sqlite/client.ts'
import type { Lifetimes } from './session-row.ts'
import type { RefreshClaims } from './tokens.ts'

export type Transport = 'body' | 'cookie'

/** What a refresh request shows, beside the claims of its genuine token. */
export type Presented = {
  claims: RefreshClaims
  transport: Transport
  /** SHA-256 of the `Idempotency-Key`, or null where none was sent. */
  keyHash: string | null
}

type Rules = Pick<Lifetimes, 'graceSeconds' | 'forgivesUnseen'>

export type Verdict = 'rotate' | 'replay' | 'reused' | 'renewed' | 'over' | 'foreign'

/**
 * What to do about a genuine refresh token, from the session's row alone:
 * - `rotate`: the current token, outside the window. So is one from the future: it proves that the
 *   database lost a commit (a restored backup, a failover), and the session continues from it.
 * - `replay`: the current token inside the window, or its forgiven predecessor; the answer holds the
 *   current token again.
 * - `reused`: any other spent token (RFC 9700 4.14.2).
 * - `renewed`: a token from before a new proof of identity. It opens nothing and proves no theft.
 * - `over`: the session has ended. `foreign`: the token does not belong to this session or transport.
 * Generations are compared, never times: those of a token are whole seconds.
 */
export function judge(
  session: Session | null,
  presented: Presented,
  now: number,
  rules: Rules,
): Verdict {
  const { claims, transport } = presented
  if (!session) return 'over'
  if (session.transport !== transport) return 'foreign'
  if (isOver(session, claims, now)) return 'over'
  if (session.userId !== claims.sub) return 'foreign'
  return judgeGeneration(session, presented, now, rules)
}

/** The same for a live session's own token. */
function judgeGeneration(
  session: Session,
  presented: Presented,
  now: number,
  rules: Rules,
): 'rotate' | 'replay' | 'reused' | 'renewed' {
  const { claims } = presented
  if (claims.gen < session.lowestLiving) return 'renewed'
  if (claims.gen > session.generation) return 'rotate'
  const isInWindow = isWindowOpen(session, now, rules)
  if (claims.gen === session.generation) return isInWindow ? 'replay' : 'rotate'
  const isPredecessor = claims.gen === session.generation - 1
  const isForgiven = isInWindow || isLostAnswer(session, presented, rules)
  return isPredecessor && isForgiven ? 'replay' : 'reused'
}

/**
 * Whether the session rotated so lately that it must not rotate again. Thus a token two rotations old
 * is always older than the window. Neither a sign-in nor a renewal opens one.
 */
function isWindowOpen(session: Session, now: number, { graceSeconds }: Rules): boolean {
  const hasRotated = session.generation > session.lowestLiving
  return hasRotated && now - session.rotatedAt.getTime() <= graceSeconds * 1000
}

/**
 * Whether the client of the predecessor lost the answer that spent it: it shows the key of that
 * rotation, or nobody is known to have kept the successor.
 */
function isLostAnswer(
  { generation, seenGeneration, rotationKeyHash }: Session,
  { keyHash }: Presented,
  { forgivesUnseen }: Rules,
): boolean {
  const isSameRequest = keyHash !== null && keyHash === rotationKeyHash
  return isSameRequest || (forgivesUnseen && seenGeneration < generation)
}

function isOver(session: Session, claims: RefreshClaims, now: number): boolean {
  return session.userId === null || session.revokedAt !== null || liveUntil(session, claims) <= now
}

/** A token from the future knows a later idle end than a row that lost its commit. */
function liveUntil(
  { generation, expiresAt, endsAt }: Session,
  { gen, exp }: RefreshClaims,
): number {
  const idleEnd = gen > generation ? Math.max(expiresAt.getTime(), exp * 1000) : expiresAt.getTime()
  return Math.min(idleEnd, endsAt.getTime())
}
