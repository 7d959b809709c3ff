import { createHmac } from 'node:crypto'
import type { SignInFailures } from '../../generated/sqlite/client.ts'
import { currentKey, type MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Notices } from '../mail/notices.ts'
import { countFailure, countUnlessLocked, type Failure } from './count-failure.ts'
import { type FailureStore, rowOf, UNKNOWN } from './failure-store.ts'
import type { Locks } from './locks.ts'

/** Rows for all names without an account, so that guesses at names cannot fill the table. */
const DECOY_SUBJECTS = 1024

/** A sign-in with a checked password. */
export type Attempt = {
  /** The account id, or the `decoySubject` of an unknown name. */
  subject: string
  /** The id of a known device. */
  device: string | undefined
  isRight: boolean
}

export type AttemptResult = {
  isAllowed: boolean
  /** Refused with any password; never for the caller to see. */
  isLocked: boolean
  device: string | undefined
}

/** A password that a signed-in user entered again. */
type Confirmation = { userId: UserId; sessionId: SessionId; isRight: boolean }

export type Lockout = ReturnType<typeof createLockout>
type Dependencies = {
  db: Database
  dialect: Dialect
  store: FailureStore
  locks: Locks
  secrets: MasterSecrets
  audit: Audit
  notices: Pick<Notices, 'add'>
}

/**
 * Stops guesses at passwords without locking out the owner: it counts failures for each known
 * device, and for all unknown devices together (OWASP device cookies; NIST SP 800-63B-4 3.2.2). It
 * records an attempt after the check of its password, so that a locked account costs the same.
 */
export function createLockout(dependencies: Dependencies) {
  const { db, dialect, store, locks, secrets, audit, notices } = dependencies
  const { rowsOf, find, deleteUnlocked, unlock, forget, clean } = store
  const { key } = currentKey(secrets.deriveKeys('latchkey stand-ins'))

  /** Subject of an unknown name, always the same one: it locks like an account. */
  function decoySubject(name: string): string {
    const digest = createHmac('sha256', key).update(name).digest()
    return `${UNKNOWN}-${digest.readUInt32BE() % DECOY_SUBJECTS}`
  }

  /**
   * Counts a failed attempt, or resets the count: from a known device also that of unknown ones.
   * @returns not allowed for a failed attempt, and for any while the device is locked
   */
  async function recordAttempt({ subject, device, isRight }: Attempt): Promise<AttemptResult> {
    const rows = await rowsOf(subject, device)
    const counted = locks.isTrusted(rows, device) ? device : undefined
    const row = rowOf(rows, counted)
    const wasLocked = locks.isLocked(row)
    const isAllowed = isRight && !wasLocked && (await reset(subject, counted, rows))
    if (!isAllowed) await count(subject, counted, row?.failures ?? 0)
    return { isAllowed, isLocked: wasLocked || (isRight && !isAllowed), device: counted }
  }

  /** Whether a sign-in by the right password would be refused now. @param device of a known one */
  async function isClosedTo(subject: string, device: string | undefined): Promise<boolean> {
    const rows = await rowsOf(subject, device)
    return locks.isLocked(rowOf(rows, locks.isTrusted(rows, device) ? device : undefined))
  }

  /** Refuses a confirmation in a locked session before anything is hashed. @throws RateLimited */
  async function requireUnlocked(userId: UserId, sessionId: SessionId): Promise<void> {
    const row = rowOf(await rowsOf(userId, sessionId), sessionId)
    if (locks.isLocked(row)) throw lockedError(row)
  }

  /**
   * Counts a confirmation for its session, so that a stolen token guesses no further than the lock.
   * @returns whether it is right; always false if the session was locked meanwhile
   * @throws RateLimited if the session is locked now
   */
  async function recordConfirmation({
    userId,
    sessionId,
    isRight,
  }: Confirmation): Promise<boolean> {
    const rows = await rowsOf(userId, sessionId)
    const isOpen = isRight && !locks.isLocked(rowOf(rows, sessionId))
    if (isOpen && (await reset(userId, sessionId, rows))) return true
    const failure = locks.failureOf(userId, sessionId)
    if (isRight || !(await countUnlessLocked(db, dialect, failure))) {
      const row = rowOf(await rowsOf(userId, sessionId), sessionId)
      throw lockedError(row)
    }
    await recordLock(failure, 'a session')
    return false
  }

  /** Resets the count. @returns false if the device was locked meanwhile */
  async function reset(
    subject: string,
    device: string | undefined,
    rows: SignInFailures[],
  ): Promise<boolean> {
    if (rows.length === 0) return true
    const counted = device ?? UNKNOWN
    await deleteUnlocked(subject, counted)
    const left = await rowsOf(subject, counted)
    if (locks.isLocked(rowOf(left, counted))) return false
    if (device !== undefined && isUser(subject)) await unlock(subject)
    return true
  }

  async function count(subject: string, device: string | undefined, before: number): Promise<void> {
    const failure = locks.failureOf(subject, device ?? UNKNOWN)
    await countFailure(db, dialect, failure)
    await recordLock(failure, device === undefined ? 'unknown devices' : 'a known device', before)
  }

  /** Writes to the audit log if this failure caused the lock. */
  async function recordLock(failure: Failure, whose: string, before?: number): Promise<void> {
    const { subject, device } = failure
    const row = await find(subject, device)
    if (!row || row.failures === before || !locks.isNewLock(row, failure)) return
    const userId = isUser(subject) ? subject : null
    const detail = `${whose}, ${row.failures} failures`
    audit.record({ type: 'sign_in_locked', userId, detail })
    // For a name that nobody has, too, so that it costs the same.
    if (device === UNKNOWN) notices.add({ kind: 'account_locked', userId: subject })
  }

  function lockedError(row: SignInFailures | undefined): ApiError {
    return locks.lockedError(row, ({ details }, wait) => details.wrongPasswordsInSession(wait))
  }

  return {
    ...{ decoySubject, recordAttempt, isClosedTo, requireUnlocked, recordConfirmation },
    ...{ unlock, forget, clean },
  }
}

/** Whether failures count for an account, and not for a name that nobody has. */
function isUser(subject: string): subject is UserId {
  return !subject.startsWith(UNKNOWN)
}
