import { setImmediate } from 'node:timers/promises'
import type { Database } from '../database/database.ts'
import type { Dialect } from '../database/dialect.ts'
import { list, name, names, type Sql, sql } from '../database/sql.ts'

/** Rows that one statement adds up: a few milliseconds. */
const SLICE = 2_000

type Counted = {
  db: Database
  dialect: Dialect
  table: string
  columns: readonly string[]
}

/**
 * Counts the rows of a table that has an `id` by several conditions at once. It does so in slices,
 * since one statement over a million rows would block the server's thread.
 */
export async function tally<Name extends string>(
  { db, dialect, table, columns }: Counted,
  conditions: Readonly<Record<Name, Sql>>,
): Promise<Record<Name, number>> {
  const counted = Object.keys(conditions) as Name[]
  const totals = Object.fromEntries(counted.map((one) => [one, 0])) as Record<Name, number>
  const sums = counted.map(
    (one) => sql`SUM(CASE WHEN ${conditions[one]} THEN 1 ELSE 0 END) AS ${name(one)}`,
  )
  const rows = dialect.tableBy(table, 'PRIMARY')
  let last: string | null = ''
  while (last !== null) {
    const [slice]: Slice[] = await db.$queryRaw<Slice[]>(sql`
      SELECT COUNT(*) AS sliceSize, MAX(id) AS sliceEnd, ${list(sums)}
      FROM (SELECT ${names(['id', ...columns])} FROM ${rows} WHERE id > ${last}
        ORDER BY id LIMIT ${SLICE}) AS slice`)
    for (const one of counted) totals[one] += Number(slice?.[one] ?? 0)
    last = Number(slice?.sliceSize) < SLICE ? null : String(slice?.sliceEnd)
    if (last !== null) await setImmediate()
  }
  return totals
}

type Slice = Record<string, bigint | number | string | null>
