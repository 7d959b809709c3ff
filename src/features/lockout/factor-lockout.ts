import type { Database, Transaction } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { Device } from '../../platform/device.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Notices } from '../mail/notices.ts'
import { countUnlessLocked, type Failure } from './count-failure.ts'
import { type FailureStore, OF_CODES, rowOf, UNKNOWN_HERE } from './failure-store.ts'
import type { Locks } from './locks.ts'

/** Wrong codes that the owner is told of: somebody has the password. */
const FAILURES_BEFORE_NOTICE = 3

export type Guesser = {
  userId: UserId
  /** The id of a known device. */
  known: string | undefined
  device: Device
}

export type FactorLockout = ReturnType<typeof createFactorLockout>
type Dependencies = {
  db: Database
  dialect: Dialect
  store: Pick<FailureStore, 'rowsOf' | 'find' | 'deleteUnlocked'>
  locks: Locks
  audit: Pick<Audit, 'record'>
  notices: Pick<Notices, 'add'>
}

/**
 * Stops guesses at the codes of apps, across all challenges: a thief of the password may begin as
 * many as he likes. A right code resets the count, and a right password never does.
 */
export function createFactorLockout(dependencies: Dependencies) {
  const { db, dialect, store, locks, audit, notices } = dependencies

  /** Ask before a code is compared, and again where it was right. @throws RateLimited */
  async function requireOpen(guesser: Guesser): Promise<void> {
    const { rows, counted } = await countedOf(guesser)
    const row = rowOf(rows, counted)
    if (locks.isLocked(row)) throw lockedError(row)
  }

  /** Counts a wrong code. @throws RateLimited where the device was locked meanwhile */
  async function countWrong(guesser: Guesser): Promise<void> {
    const { userId, device } = guesser
    const { counted } = await countedOf(guesser)
    const failure = locks.failureOf(userId, counted)
    const isCounted = await countUnlessLocked(db, dialect, failure)
    const row = (await store.find(userId, counted)) ?? undefined
    if (!isCounted) throw lockedError(row)
    audit.record({ type: 'second_factor_failed', userId, device, detail: 'totp' })
    tell(guesser, failure, row)
  }

  /** Forgets the failures of the device, and from a known one also those of unknown ones. */
  async function forgive(tx: Transaction, guesser: Guesser): Promise<void> {
    const { userId, known } = guesser
    const counted = keyOf(known)
    await store.deleteUnlocked(userId, counted, tx)
    if (known !== undefined) await unlock(userId, tx)
  }

  async function unlock(userId: UserId, tx: Transaction = db): Promise<void> {
    await tx.signInFailures.deleteMany({ where: { subject: userId, device: UNKNOWN_HERE } })
  }

  async function countedOf({ userId, known }: Guesser) {
    const own = keyOf(known)
    const rows = await store.rowsOf(userId, own, UNKNOWN_HERE)
    return { rows, counted: locks.isTrusted(rows, own) ? own : UNKNOWN_HERE }
  }

  function tell({ userId, device }: Guesser, failure: Failure, row: Row | undefined): void {
    if (row?.failures === FAILURES_BEFORE_NOTICE) {
      notices.add({ kind: 'second_factor_failed', userId, device })
    }
    if (!row || !locks.isNewLock(row, failure)) return
    const whose = row.device === UNKNOWN_HERE ? 'unknown devices' : 'a known device'
    const detail = `codes from ${whose}, ${row.failures} failures`
    audit.record({ type: 'sign_in_locked', userId, detail })
  }

  function lockedError(row: Row | undefined) {
    return locks.lockedError(row, ({ details }, wait) => details.wrongAppCodes(wait))
  }

  return { requireOpen, countWrong, forgive, unlock }
}

type Row = Exclude<Awaited<ReturnType<FailureStore['find']>>, null>

function keyOf(known: string | undefined): string {
  return known === undefined ? UNKNOWN_HERE : `${OF_CODES}${known}`
}
