import { queryMysql } from './databases.ts'
import type { TestServer } from './helper.ts'

// What the database reads for a statement. Times would tell of the machine as well.

export type Statement = { sql: string; values: unknown[] }

/** The statements that a request sends to a table. */
export async function statementsTo(
  server: TestServer,
  table: string,
  work: () => Promise<unknown>,
): Promise<Statement[]> {
  const before = server.queries.length
  await work()
  const sent = server.queries.slice(before).map((sql, index): Statement => {
    return { sql, values: (server.values[before + index] ?? []).map(plainDate) }
  })
  return sent.filter(({ sql }) => sql.includes(`\`${table}\``))
}

/** Prisma's adapters write a date their own way; here it is a text that both databases compare. */
function plainDate(value: unknown): unknown {
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)
  return isDate ? value.replace('T', ' ').replace('Z', '') : value
}

/** How many rows and index entries MySQL reads for the statement. */
export async function rowsRead(url: string, { sql, values }: Statement): Promise<number> {
  const counters = "SHOW SESSION STATUS LIKE 'Handler_read%'"
  const results: unknown[] = await queryMysql(url, `${counters}; ${sql}; ${counters}`, values)
  const [before = 0, after = 0] = [results[0], results[2]].map((rows) =>
    (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0),
  )
  return after - before
}
