import { createHmac } from 'node:crypto'
import type { SignInFailures } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import { currentKey, type MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { RateLimited } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Notices } from '../mail/notices.ts'
import { countFailure, countUnlessLocked, type Failure } from './count-failure.ts'
import { createFailureStore, rowOf, UNKNOWN } from './failure-store.ts'

/** Failures in a row that lock a device, and for how long. */
const FAILURES_BEFORE_PAUSE = 10
const PAUSE_MS = 15 * 60_000
/** Lifetime of failures; those that lock an account for unknown devices do not expire. */
const KEEP_MS = 30 * 86_400_000
const KEEP_SHUT_MS = 10 * 365 * 86_400_000
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

export type AttemptResult = { isAllowed: boolean; device: string | undefined }

/** A password that a signed-in user entered again. */
type Confirmation = { userId: UserId; sessionId: SessionId; isRight: boolean }

export type Lockout = ReturnType<typeof createLockout>
type Dependencies = {
  db: Database
  statements: Statements
  dialect: Dialect
  clock: Clock
  secrets: MasterSecrets
  audit: Audit
  notices: Pick<Notices, 'add'>
  /** Failures in a row that lock an account for unknown devices. */
  failuresMax: number
}

/**
 * Stops guesses at passwords without locking out the owner: it counts failures for each known
 * device, and for all unknown devices together (OWASP device cookies; NIST SP 800-63B-4 3.2.2). It
 * records an attempt after the check of its password, so that a locked account costs the same;
 * parallel guesses can race only between check and count.
 */
export function createLockout(dependencies: Dependencies) {
  const { db, dialect, clock, secrets, audit, notices, failuresMax } = dependencies
  const { rowsOf, find, deleteUnlocked, unlock, forget, clean } = createFailureStore(dependencies)
  const { key } = currentKey(secrets.deriveKeys('latchkey stand-ins'))

  /**
   * Subject of an unknown name; the same name always gets the same one, so it locks like an
   * account.
   */
  function decoySubject(name: string): string {
    const digest = createHmac('sha256', key).update(name).digest()
    return `${UNKNOWN}-${digest.readUInt32BE() % DECOY_SUBJECTS}`
  }

  /**
   * Counts a failed attempt, or resets the count. A right password from a known device also unlocks
   * the account for unknown devices.
   * @returns not allowed for a failed attempt, and for any while the device is locked
   */
  async function recordAttempt({ subject, device, isRight }: Attempt): Promise<AttemptResult> {
    const rows = await rowsOf(subject, device)
    const counted = isTrusted(rows, device) ? device : undefined
    const row = rowOf(rows, counted)
    const isAllowed = isRight && !isLocked(row) && (await reset(subject, counted, rows))
    if (!isAllowed) await count(subject, counted, row?.failures ?? 0)
    return { isAllowed, device: counted }
  }

  /** Whether a sign-in by the right password would be refused now. @param device of a known one */
  async function isClosedTo(subject: string, device: string | undefined): Promise<boolean> {
    const rows = await rowsOf(subject, device)
    return isLocked(rowOf(rows, isTrusted(rows, device) ? device : undefined))
  }

  /** Refuses a confirmation in a locked session before anything is hashed. @throws RateLimited */
  async function requireUnlocked(userId: UserId, sessionId: SessionId): Promise<void> {
    const row = rowOf(await rowsOf(userId, sessionId), sessionId)
    if (isLocked(row)) throw lockedError(row, clock(), failuresMax)
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
    const isOpen = isRight && !isLocked(rowOf(rows, sessionId))
    if (isOpen && (await reset(userId, sessionId, rows))) return true
    const failure = failureOf(userId, sessionId)
    if (isRight || !(await countUnlessLocked(db, dialect, failure))) {
      const row = rowOf(await rowsOf(userId, sessionId), sessionId)
      throw lockedError(row, clock(), failuresMax)
    }
    await recordLock(failure, 'a session')
    return false
  }

  /** Whether a known device has its own count; after too many failures it shares the common one. */
  function isTrusted(rows: SignInFailures[], device: string | undefined): device is string {
    if (device === undefined) return false
    return (rows.find((row) => row.device === device)?.failures ?? 0) < failuresMax
  }

  function isLocked(row: SignInFailures | undefined): boolean {
    if (!row) return false
    return row.failures >= failuresMax || (row.lockedUntil?.getTime() ?? 0) > clock()
  }

  /** Resets the count. @returns false if the device was locked meanwhile */
  async function reset(
    subject: string,
    device: string | undefined,
    rows: SignInFailures[],
  ): Promise<boolean> {
    if (rows.length === 0) return true
    const counted = device ?? UNKNOWN
    await deleteUnlocked(subject, counted, failuresMax)
    const left = await rowsOf(subject, counted)
    if (isLocked(rowOf(left, counted))) return false
    if (device !== undefined && isUser(subject)) await unlock(subject)
    return true
  }

  async function count(subject: string, device: string | undefined, before: number): Promise<void> {
    const failure = failureOf(subject, device)
    await countFailure(db, dialect, failure)
    await recordLock(failure, device === undefined ? 'unknown devices' : 'a known device', before)
  }

  function failureOf(subject: string, device: string = UNKNOWN): Failure {
    const now = clock()
    return {
      ...{ subject, device, failuresMax },
      now: new Date(now),
      pauseAfter: FAILURES_BEFORE_PAUSE,
      pausedUntil: new Date(now + PAUSE_MS),
      keepUntil: new Date(now + KEEP_MS),
      keepShutUntil: new Date(now + KEEP_SHUT_MS),
    }
  }

  /** Writes to the audit log if this failure caused the lock. */
  async function recordLock(failure: Failure, whose: string, before?: number): Promise<void> {
    const { subject, device, pausedUntil } = failure
    const row = await find(subject, device)
    if (!row || row.failures === before) return
    const isPausedNow = row.lockedUntil?.getTime() === pausedUntil.getTime()
    if (!isPausedNow && row.failures !== failuresMax) return
    const userId = isUser(subject) ? subject : null
    const detail = `${whose}, ${row.failures} failures`
    audit.record({ type: 'sign_in_locked', userId, detail })
    // For a name that nobody has, too, so that it costs the same.
    if (device === UNKNOWN) notices.add({ kind: 'account_locked', userId: subject })
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

/** Says how long the lock lasts; a session that failed too often stays locked until it ends. */
function lockedError(row: SignInFailures | undefined, now: number, failuresMax: number): ApiError {
  const until = row?.lockedUntil?.getTime() ?? 0
  const wait = Math.ceil((until > now ? until - now : PAUSE_MS) / 1000)
  const staysLocked = (row?.failures ?? 0) >= failuresMax
  const advice = staysLocked ? 'sign in again.' : `retry in ${wait} s, or sign in again.`
  return RateLimited({
    detail: `Too many wrong passwords in this session; ${advice}`,
    headers: { 'retry-after': String(wait) },
  })
}
