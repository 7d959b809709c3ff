import { createHmac } from 'node:crypto'
import type { SignInFailures } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, OpenDatabase, Transaction } from '../../platform/database.ts'
import { sql } from '../../platform/database-sql.ts'
import type { Statements } from '../../platform/database-statements.ts'
import { deleteOldest } from '../../platform/delete-oldest.ts'
import { RateLimited } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'
import { type MasterSecrets, newest } from '../../platform/master-secret.ts'
import type { Audit } from '../audit/service.ts'
import { countFailure, countUnlessLocked, type Failure } from './count-failure.ts'

/** Failures in a row after which a device has to wait, and for how long. */
const FAILURES_BEFORE_PAUSE = 10
const PAUSE_MS = 15 * 60_000
/** How long failures are remembered; those that shut an account for unknown devices stay. */
const KEEP_MS = 30 * 86_400_000
const KEEP_SHUT_MS = 10 * 365 * 86_400_000
const CLEANING_BATCH = 500
/** Names that nobody has share so many rows, so that guessing names cannot fill the table. */
const STAND_INS = 1024
const UNKNOWN = 'unknown'

/** One attempt to prove an identity by password. */
export type Attempt = {
  /** The id of the account, or what `standIn` gave for a name that nobody has. */
  subject: string
  /** What tells the device of the attempt from all others; undefined for one that is not known. */
  device: string | undefined
  isRight: boolean
}

/** Whether the attempt counts, and the device that it is counted for. */
export type Verdict = { isAdmitted: boolean; device: string | undefined }

/** A password that a signed-in user gave again. */
type Confirmation = { userId: string; sessionId: string; isRight: boolean }

export type Lockout = ReturnType<typeof createLockout>
type Needs = {
  db: Database
  statements: Statements
  provider: OpenDatabase['provider']
  clock: Clock
  secrets: MasterSecrets
  audit: Audit
  /** Failures in a row that shut an account for unknown devices. */
  failuresMax: number
}

/**
 * Stops the guessing of passwords without letting a guesser lock the owner out: failures are counted
 * for each device that has signed in before, and for all other devices together (OWASP device cookies;
 * NIST SP 800-63B-4 3.2.2 for the end of it). An attempt is judged after its password was checked, so
 * that a locked account costs the same, and that of many guesses at once only those slip through which
 * are judged in the same moment.
 */
export function createLockout(needs: Needs) {
  const { db, statements, provider, clock, secrets, audit, failuresMax } = needs
  const { key } = newest(secrets.deriveKeys('latchkey stand-ins'))

  /** The subject for a name that nobody has: always the same one, so that it locks as an account does. */
  function standIn(name: string): string {
    const digest = createHmac('sha256', key).update(name).digest()
    return `${UNKNOWN}-${digest.readUInt32BE() % STAND_INS}`
  }

  /**
   * Counts a failed attempt, or starts the count anew after one that is right. A right one from a
   * known device also opens the account for unknown ones.
   * @returns not admitted for a wrong attempt, and for any while its device is locked
   */
  async function judge({ subject, device, isRight }: Attempt): Promise<Verdict> {
    const rows = await rowsOf(subject, device)
    const counted = isTrusted(rows, device) ? device : undefined
    const row = rowOf(rows, counted)
    const isAdmitted = isRight && !isLocked(row) && (await startAnew(subject, counted, rows))
    if (!isAdmitted) await count(subject, counted, row?.failures ?? 0)
    return { isAdmitted, device: counted }
  }

  /**
   * Looks at the count of a session that is asked for the password again, before anything is hashed.
   * @throws RateLimited while it is locked
   */
  async function requireUnlocked(userId: string, sessionId: string): Promise<void> {
    const row = rowOf(await rowsOf(userId, sessionId), sessionId)
    if (isLocked(row)) throw locked(row)
  }

  /**
   * Judges a password that a signed-in user gave again. The session has a count of its own, so that a
   * stolen token guesses no further than the lock, and a new sign-in starts anew.
   * @returns whether it is right; a guess that finds the session locked meanwhile learns nothing
   * @throws RateLimited when it is locked by now
   */
  async function judgeAgain({ userId, sessionId, isRight }: Confirmation): Promise<boolean> {
    const rows = await rowsOf(userId, sessionId)
    if (
      isRight &&
      !isLocked(rowOf(rows, sessionId)) &&
      (await startAnew(userId, sessionId, rows))
    ) {
      return true
    }
    const failure = failureOf(userId, sessionId)
    if (isRight || !(await countUnlessLocked(db, provider, failure))) {
      throw locked(rowOf(await rowsOf(userId, sessionId), sessionId))
    }
    await recordLock(failure, 'a session')
    return false
  }

  /** The wait until the pause is over; a session that failed too often stays locked until it ends. */
  function locked(row: SignInFailures | undefined): CodedError {
    const until = row?.lockedUntil?.getTime() ?? 0
    const now = clock()
    const wait = Math.ceil((until > now ? until - now : PAUSE_MS) / 1000)
    const staysLocked = (row?.failures ?? 0) >= failuresMax
    const advice = staysLocked ? 'sign in again.' : `try again in ${wait} s, or sign in again.`
    return RateLimited({
      detail: `Too many wrong passwords in this session; ${advice}`,
      headers: { 'retry-after': String(wait) },
    })
  }

  function rowsOf(subject: string, device: string = UNKNOWN): Promise<SignInFailures[]> {
    return statements.select(sql`
      SELECT subject, device, failures, lockedUntil, expiresAt FROM SignInFailures
      WHERE subject = ${subject} AND device IN (${device}, ${UNKNOWN})`)
  }

  /** A device that failed too often in a row is one like all the others. */
  function isTrusted(rows: SignInFailures[], device: string | undefined): device is string {
    if (device === undefined) return false
    return (rows.find((row) => row.device === device)?.failures ?? 0) < failuresMax
  }

  function isLocked(row: SignInFailures | undefined): boolean {
    if (!row) return false
    return row.failures >= failuresMax || (row.lockedUntil?.getTime() ?? 0) > clock()
  }

  /** @returns whether the device is not locked after all: others may fail, or succeed, meanwhile */
  async function startAnew(subject: string, device: string | undefined, rows: SignInFailures[]) {
    if (rows.length === 0) return true
    const counted = device ?? UNKNOWN
    const now = new Date(clock())
    const where = {
      subject,
      device: counted,
      failures: { lt: failuresMax },
      OR: [{ lockedUntil: null }, { lockedUntil: { lte: now } }],
    }
    await db.signInFailures.deleteMany({ where })
    const left = await rowsOf(subject, counted)
    if (isLocked(rowOf(left, counted))) return false
    if (device !== undefined) await open(subject)
    return true
  }

  async function count(subject: string, device: string | undefined, before: number): Promise<void> {
    const failure = failureOf(subject, device)
    await countFailure(db, provider, failure)
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

  /** Records that somebody is locked, if the failure that was just counted has done it. */
  async function recordLock(failure: Failure, whose: string, before?: number): Promise<void> {
    const { subject, device, pausedUntil } = failure
    const where = { subject_device: { subject, device } }
    const row = await db.signInFailures.findUnique({ where })
    if (!row || row.failures === before) return
    const isPausedNow = row.lockedUntil?.getTime() === pausedUntil.getTime()
    if (!isPausedNow && row.failures !== failuresMax) return
    const userId = subject.startsWith(UNKNOWN) ? null : subject
    const detail = `${whose}, ${row.failures} failures`
    await audit.record({ type: 'sign_in_locked', userId, detail })
  }

  /** Opens an account for unknown devices again. */
  async function open(userId: string): Promise<void> {
    await db.signInFailures.deleteMany({ where: { subject: userId, device: UNKNOWN } })
  }

  /** Forgets all failures of an account, inside the transaction that deletes it. */
  async function forget(tx: Transaction, userId: string): Promise<void> {
    await tx.signInFailures.deleteMany({ where: { subject: userId } })
  }

  /**
   * Deletes rows past their time, a bounded number at a time.
   * @returns whether there may be more
   */
  async function clean(): Promise<boolean> {
    const rows = { table: 'SignInFailures', column: 'expiresAt', before: new Date(clock()) }
    return deleteOldest(db, { ...rows, batch: CLEANING_BATCH })
  }

  return { standIn, judge, requireUnlocked, judgeAgain, open, forget, clean }
}

/** The count of a device, or of all that are not known. */
function rowOf(rows: SignInFailures[], device: string = UNKNOWN): SignInFailures | undefined {
  return rows.find((row) => row.device === device)
}
