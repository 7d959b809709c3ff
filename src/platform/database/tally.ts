import { setImmediate as turn } from 'node:timers/promises'
import { list, name, type Sql, sql } from './sql.ts'
import type { Statements } from './statements.ts'

/** Rows of one statement: some milliseconds. */
const SLICE = 5_000

/**
 * Counts the rows of a whole table in slices of its ids, so that other statements run in between.
 * @param conditions by name: which rows to count
 */
export async function tally<Name extends string>(
  { select }: Statements,
  table: string,
  conditions: Readonly<Record<Name, Sql>>,
  sliceSize = SLICE,
): Promise<Record<Name, number>> {
  const names = Object.keys(conditions) as Name[]
  const totals = Object.fromEntries(names.map((one) => [one, 0])) as Record<Name, number>
  const sums = names.map(
    (one) => sql`SUM(CASE WHEN ${conditions[one]} THEN 1 ELSE 0 END) AS ${name(one)}`,
  )
  for (let last: string | null = ''; last !== null; await turn()) {
    const [slice]: Record<string, unknown>[] = await select(
      sql`SELECT MAX(id) AS lastId, ${list(sums)} FROM (
        SELECT * FROM ${name(table)} WHERE id > ${last} ORDER BY id LIMIT ${sliceSize}) AS slice`,
    )
    last = (slice?.lastId as string | null | undefined) ?? null
    for (const one of names) totals[one] += Number(slice?.[one] ?? 0)
  }
  return totals
}
