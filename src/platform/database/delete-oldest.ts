import { BATCH } from './batches.ts'
import type { Database } from './database.ts'
import { name, sql } from './sql.ts'

type OldRows = {
  table: string
  /** An indexed date. */
  column: string
  before: Date
}

/**
 * Deletes a batch from the old end of an index. For Prisma's `deleteMany` with `limit`, MySQL would
 * lock the whole table. @returns whether there may be more
 */
export async function deleteOldest(db: Database, rows: OldRows): Promise<boolean> {
  const { before } = rows
  const [table, column] = [name(rows.table), name(rows.column)]
  const [last] = await db.$queryRaw<{ at: Date }[]>(
    sql`SELECT ${column} AS \`at\` FROM ${table} WHERE ${column} < ${before}
      ORDER BY ${column} LIMIT 1 OFFSET ${BATCH - 1}`,
  )
  const isOld = last ? sql`${column} <= ${last.at}` : sql`${column} < ${before}`
  await db.$executeRaw(sql`DELETE FROM ${table} WHERE ${isOld}`)
  return last !== undefined
}
