import type { Challenge } from './challenge.ts'

/** Different wrong guesses that a challenge takes. */
export const GUESSES = 5

/** What the database knows of a challenge and of those that it names. */
export type Facts = {
  /** Undefined until somebody answers. */
  row:
    | {
        attempts: number
        lastTry: string | null
        usedAt: Date | null
        keyHash: string | null
        outcome: string | null
      }
    | undefined
  user: { credentialVersion: number; disabledAt: Date | null } | undefined
  session: { userId: string | null; revokedAt: Date | null; expiresAt: Date } | undefined
}

/** An answer, as hashes. */
export type Attempt = {
  tryHash: string
  /** Of the `Idempotency-Key` and the request, or null where no key was sent. */
  keyHash: string | null
}

export type AnswerDecision = 'try' | 'stale' | 'replay' | 'over'

/**
 * Decides what to do with the answer to a genuine challenge:
 * - `try`: the proof is checked.
 * - `stale`: the account or the session has changed, or is gone. Only who proves it may learn that,
 *   so the proof is checked all the same: a wrong one is refused like any other, a right one is
 *   `over`.
 * - `replay`: this request has used the challenge before; its response is given again.
 * - `over`: the challenge has expired, was used by another request, or has had all its guesses. The
 *   last guess again is not a new one, so retries of it are still checked.
 */
export function decideAnswer(
  challenge: Challenge,
  facts: Facts,
  { tryHash, keyHash }: Attempt,
  now: number,
): AnswerDecision {
  if (challenge.endsAt <= now) return 'over'
  const { row } = facts
  if (row?.usedAt) return keyHash !== null && keyHash === row.keyHash ? 'replay' : 'over'
  if (row && row.attempts >= GUESSES && row.lastTry !== tryHash) return 'over'
  return hasUser(challenge, facts) && hasSession(challenge, facts, now) ? 'try' : 'stale'
}

function hasUser({ userId, credentialVersion }: Challenge, { user }: Facts): boolean {
  if (userId === null) return true
  if (!user || user.disabledAt !== null) return false
  return credentialVersion === 'any' || credentialVersion === user.credentialVersion
}

function hasSession({ userId, sessionId }: Challenge, { session }: Facts, now: number): boolean {
  if (sessionId === null) return true
  if (!session || session.userId !== userId) return false
  return session.revokedAt === null && session.expiresAt.getTime() > now
}
