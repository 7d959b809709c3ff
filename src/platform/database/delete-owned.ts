import { BATCH, inBatches } from './batches.ts'
import type { Database, Transaction } from './database.ts'
import type { Dialect } from './dialect.ts'
import { list, name, sql } from './sql.ts'
import { inTransaction } from './transactions.ts'

/** A table with `ownerId` and `id`, and an index of both in this order. */
export type OwnedTable = { db: Database; dialect: Dialect; table: string }

/** What is left to do in the transaction that deletes rows, about those that name them. */
export type AfterDeletion<Id extends string> = (tx: Transaction, ids: Id[]) => Promise<void>

/** Deletes all the rows of one owner, in batches. */
export function deleteOwned<Id extends string>(
  { db, dialect, table }: OwnedTable,
  ownerId: string,
  afterDeletion?: AfterDeletion<Id>,
) {
  return inBatches({
    read: async (after) => {
      const rows = await db.$queryRaw<{ id: Id }[]>(
        sql`SELECT \`id\` FROM ${byOwner(dialect, table)}
          WHERE \`ownerId\` = ${ownerId} AND \`id\` > ${after} ORDER BY \`id\` LIMIT ${BATCH}`,
      )
      return rows.map(({ id }) => id)
    },
    write: (ids) => {
      const keys = list(ids.map((id) => sql`${id}`))
      return inTransaction(db, async (tx) => {
        await tx.$executeRaw(sql`DELETE FROM ${name(table)} WHERE \`id\` IN (${keys})`)
        await afterDeletion?.(tx, ids)
      })
    },
  })
}

/** FROM with the index, as prisma/schema.prisma makes it. */
export function byOwner(dialect: Dialect, table: string) {
  return dialect.tableBy(table, `${table}_ownerId_id_idx`)
}
