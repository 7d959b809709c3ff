import type { Database } from './database.ts'
import { name, sql } from './database-sql.ts'

type OldRows = {
  table: string
  /** A date with an index of its own; both names come from prisma/schema.prisma. */
  column: string
  before: Date
  batch: number
}

/**
 * Deletes rows from the old end of an index, `batch` of them or as many as are of the same moment. The
 * two statements read nothing else; the `limit` of Prisma's `deleteMany` makes MySQL read and lock
 * every row of the table.
 * @returns whether there may be more
 */
export async function deleteOldest(db: Database, rows: OldRows): Promise<boolean> {
  const { before, batch } = rows
  const [table, column] = [name(rows.table), name(rows.column)]
  const [last] = await db.$queryRaw<{ at: Date }[]>(
    sql`SELECT ${column} AS \`at\` FROM ${table} WHERE ${column} < ${before}
      ORDER BY ${column} LIMIT 1 OFFSET ${batch - 1}`,
  )
  const isOld = last ? sql`${column} <= ${last.at}` : sql`${column} < ${before}`
  await db.$executeRaw(sql`DELETE FROM ${table} WHERE ${isOld}`)
  return last !== undefined
}
