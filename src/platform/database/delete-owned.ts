import { BATCH, inBatches } from './batches.ts'
import type { Database } from './database.ts'
import type { Dialect } from './dialect.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { list, name, sql } from './sql.ts'

/** A table with `ownerId` and `id`, and an index of both in this order. */
export type OwnedTable = { db: Database; dialect: Dialect; table: string }

/** Deletes all the rows of one owner, in batches. */
export function deleteOwned({ db, dialect, table }: OwnedTable, ownerId: string) {
  return inBatches({
    read: async (after) => {
      const rows = await db.$queryRaw<{ id: string }[]>(
        sql`SELECT \`id\` FROM ${byOwner(dialect, table)}
          WHERE \`ownerId\` = ${ownerId} AND \`id\` > ${after} ORDER BY \`id\` LIMIT ${BATCH}`,
      )
      return rows.map(({ id }) => id)
    },
    write: (ids) => {
      const keys = list(ids.map((id) => sql`${id}`))
      return retryConflicts(() =>
        db.$executeRaw(sql`DELETE FROM ${name(table)} WHERE \`id\` IN (${keys})`),
      )
    },
  })
}

/** FROM with the index, as prisma/schema.prisma makes it. */
export function byOwner(dialect: Dialect, table: string) {
  return dialect.tableBy(table, `${table}_ownerId_id_idx`)
}
