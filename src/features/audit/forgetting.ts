import type { Clock } from '../../platform/clock.ts'
import { BATCH, inBatches } from '../../platform/database/batches.ts'
import type { Database } from '../../platform/database/database.ts'
import { retryConflicts } from '../../platform/database/retry-conflicts.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { firstIdAt, type UserId } from '../../platform/ids.ts'

/** An event of a deleted account is in the table by then, whichever server wrote it. */
const LATE_MS = 3_600_000
const NOWHERE = { ip: null, userAgent: null, originSalt: null }

type Dependencies = { db: Database; statements: Pick<Statements, 'select'>; clock: Clock }

/**
 * Forgets where a deleted account was used. Its events stay, with its id as a pseudonym; what an
 * administrator did to it has the address of the administrator.
 */
export function createForgetting({ db, statements, clock }: Dependencies) {
  /** Clears the events of a closed account, in batches. */
  async function* forget(userId: UserId): AsyncGenerator<void> {
    for (const owned of [{ userId, actorId: null }, { actorId: userId }]) {
      yield* inBatches({
        read: async (after) => {
          const rows = await db.auditEvent.findMany({
            where: { ...owned, id: { gt: after } },
            ...{ orderBy: { id: 'asc' }, take: BATCH, select: { id: true } },
          })
          return rows.map(({ id }) => id)
        },
        write: (ids) =>
          retryConflicts(() =>
            db.auditEvent.updateMany({ where: { id: { in: ids } }, data: NOWHERE }),
          ),
      })
    }
  }

  /** Clears what another server wrote while the account was being deleted. */
  async function forgetLate(): Promise<void> {
    const since = firstIdAt(clock() - LATE_MS)
    const deletions = await statements.select<{ userId: string | null }>(sql`
      SELECT userId FROM AuditEvent WHERE type = 'account_deleted' AND id > ${since}
      ORDER BY id DESC LIMIT ${10 * BATCH}`)
    const ids = deletions.flatMap(({ userId }) => (userId === null ? [] : [userId]))
    for (let at = 0; at < ids.length; at += BATCH) await clearOf(ids.slice(at, at + BATCH))
  }

  async function clearOf(owners: string[]): Promise<void> {
    const since = { id: { gt: firstIdAt(clock() - LATE_MS) }, originSalt: { not: null } }
    const owner = { in: owners }
    for (const owned of [{ userId: owner, actorId: null }, { actorId: owner }]) {
      const rows = await db.auditEvent.findMany({
        where: { ...since, ...owned },
        ...{ select: { id: true }, take: BATCH },
      })
      if (rows.length === 0) continue
      const id = { in: rows.map((row) => row.id) }
      await db.auditEvent.updateMany({ where: { id }, data: NOWHERE })
    }
  }

  return { forget, forgetLate }
}
