import type { SignInFailures } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import { BATCH, inBatches } from '../../platform/database/batches.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import { inPages } from '../../platform/database/pages.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { UserId } from '../../platform/ids.ts'

/** The device of all that have not signed in before. */
export const UNKNOWN = 'unknown'
/** Begins the names of devices where codes of apps are counted. */
export const OF_CODES = '2:'
export const UNKNOWN_HERE = `${OF_CODES}${UNKNOWN}`

export type FailureStore = ReturnType<typeof createFailureStore>
type Dependencies = {
  db: Database
  statements: Statements
  clock: Clock
  /** Failures in a row that lock an account for unknown devices. */
  failuresMax: number
}

/** Reads and deletes the failures that `count-failure.ts` counts. */
export function createFailureStore({ db, statements, clock, failuresMax }: Dependencies) {
  /** The counts of a device and of all that are not known. */
  function rowsOf(
    subject: string,
    device: string = UNKNOWN,
    unknown: string = UNKNOWN,
  ): Promise<SignInFailures[]> {
    return statements.select(sql`
      SELECT subject, device, failures, lockedUntil, expiresAt FROM SignInFailures
      WHERE subject = ${subject} AND device IN (${device}, ${unknown})`)
  }

  function find(subject: string, device: string): Promise<SignInFailures | null> {
    return db.signInFailures.findUnique({ where: { subject_device: { subject, device } } })
  }

  /** Deletes the count of a device, unless it is locked. */
  async function deleteUnlocked(
    subject: string,
    device: string,
    tx: Database | Transaction = db,
  ): Promise<void> {
    const now = new Date(clock())
    const where = {
      subject,
      device,
      failures: { lt: failuresMax },
      OR: [{ lockedUntil: null }, { lockedUntil: { lte: now } }],
    }
    await tx.signInFailures.deleteMany({ where })
  }

  async function unlock(userId: UserId, tx: Database | Transaction = db): Promise<void> {
    await tx.signInFailures.deleteMany({ where: { subject: userId, device: UNKNOWN } })
  }

  /** Deletes the failures of a closed account, in batches. */
  function forget(subject: string): AsyncIterable<void> {
    return inBatches({
      read: async (after) => {
        const where = { subject, device: { gt: after } }
        const rows = await db.signInFailures.findMany({
          ...{ where, select: { device: true }, orderBy: { device: 'asc' }, take: BATCH },
        })
        return rows.map(({ device }) => device)
      },
      write: (devices) =>
        db.signInFailures.deleteMany({ where: { subject, device: { in: devices } } }),
    })
  }

  /** Accounts that are locked for unknown devices now, names without an account not counted. */
  async function countLocked(): Promise<number> {
    const isLocked = sql`failures >= ${failuresMax} OR lockedUntil > ${new Date(clock())}`
    const [row] = await statements.select<{ locked: number }>(sql`
      SELECT COUNT(DISTINCT subject) AS locked FROM SignInFailures
      WHERE device IN (${UNKNOWN}, ${UNKNOWN_HERE}) AND (${isLocked}) AND subject NOT LIKE ${`${UNKNOWN}-%`}`)
    return Number(row?.locked ?? 0)
  }

  /** The failures of an account, in the export. */
  async function* exported(subject: string): AsyncGenerator<object> {
    const rows = inPages(
      (device, take) =>
        db.signInFailures.findMany({
          ...{ where: { subject, device }, orderBy: { device: 'asc' }, take },
        }),
      ({ device }) => device,
    )
    for await (const { subject: _, ...failures } of rows) yield failures
  }

  /** Deletes some expired rows. @returns whether there may be more */
  async function clean(): Promise<boolean> {
    const rows = { table: 'SignInFailures', column: 'expiresAt', before: new Date(clock()) }
    return deleteOldest(db, { ...rows })
  }

  return { rowsOf, find, deleteUnlocked, unlock, forget, countLocked, clean, exported }
}

/** The count of a device, or of all that are not known. */
export function rowOf(
  rows: SignInFailures[],
  device: string = UNKNOWN,
): SignInFailures | undefined {
  return rows.find((row) => row.device === device)
}
