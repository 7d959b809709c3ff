import { setImmediate } from 'node:timers/promises'
import type { Database } from '../database/database.ts'
import type { Dialect } from '../database/dialect.ts'
import { list, name, names, type Sql, sql } from '../database/sql.ts'

const SLICE = 2_000

type Counted = {
  db: Database
  dialect: Dialect
  table: string
  columns: readonly string[]
  /** Rows of one statement. */
  sliceSize?: number
}

/** Counts rows by several conditions at once, in slices: one statement could block the thread. */
export async function tally<Name extends string>(
  { db, dialect, table, columns, sliceSize = SLICE }: Counted,
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
      SELECT COUNT(*) AS rowCount, MAX(id) AS sliceEnd, ${list(sums)}
      FROM (SELECT ${names(['id', ...columns])} FROM ${rows} WHERE id > ${last}
        ORDER BY id LIMIT ${sliceSize}) AS slice`)
    for (const one of counted) totals[one] += Number(slice?.[one] ?? 0)
    last = Number(slice?.rowCount) < sliceSize ? null : String(slice?.sliceEnd)
    if (last !== null) await setImmediate()
  }
  return totals
}

type Slice = Record<string, bigint | number | string | null>
