import type { Session } from '../../generated/sqlite/client.ts'
import type { RefreshClaims } from './tokens.ts'

export type Transport = 'body' | 'cookie'

/** What a refresh request shows, beside the claims of its genuine token. */
export type Presented = {
  claims: RefreshClaims
  transport: Transport
  /** SHA-256 of the `Idempotency-Key`, or null where none was sent. */
  keyHash: string | null
}

export type Verdict = 'rotate' | 'replay' | 'reused' | 'over' | 'foreign'

/**
 * What to do about a genuine refresh token, from the session's row alone:
 * - `rotate`: the current token. So is one from the future: it proves that the database lost a commit
 *   (a restored backup, a failover), and the session carries on from it.
 * - `replay`: the immediate predecessor inside the grace window, or with the key of the rotation that
 *   spent it. Its successor is unused, or the row would be a generation further.
 * - `reused`: any other spent token (RFC 9700 4.14.2).
 * - `over`: the session has ended. `foreign`: the token does not belong to this session or transport.
 * Generations are compared, never times: those of a token are whole seconds.
 */
export function judge(
  session: Session | null,
  { claims, transport, keyHash }: Presented,
  now: number,
  graceSeconds: number,
): Verdict {
  if (!session) return 'over'
  if (session.transport !== transport) return 'foreign'
  if (isOver(session, claims, now)) return 'over'
  if (session.userId !== claims.sub) return 'foreign'
  if (claims.gen >= session.generation) return 'rotate'
  if (claims.gen < session.generation - 1) return 'reused'
  const withinGrace = now - session.rotatedAt.getTime() <= graceSeconds * 1000
  const sameRequest = keyHash !== null && keyHash === session.rotationKeyHash
  return withinGrace || sameRequest ? 'replay' : 'reused'
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
