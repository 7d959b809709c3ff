import type { Dialect } from '../../platform/database/dialect.ts'
import { retryConflicts } from '../../platform/database/retry-conflicts.ts'
import { list, name, type Sql, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'

export type AuditRow = {
  id: string
  at: Date
  type: string
  userId: string | null
  sessionId: string | null
  ip: string | null
  userAgent: string | null
  detail: string | null
  isFolded: boolean
}

type Counted = AuditRow & { count: number }

/**
 * Writes single rows in one statement and counted ones in another. A retry writes no row twice, but
 * may count events twice.
 */
export async function insertAuditRows(
  { execute }: Statements,
  dialect: Dialect,
  rows: readonly AuditRow[],
): Promise<void> {
  const single = rows.filter(({ isFolded }) => !isFolded).map((row) => ({ ...row, count: 1 }))
  const folded = foldedTogether(rows.filter(({ isFolded }) => isFolded))
  if (single.length > 0) await run(insert(single, dialect.unlessThere(['id'])))
  if (folded.length > 0) await run(insert(folded, addedUp(dialect)))

  function run(statement: Sql): Promise<unknown> {
    return retryConflicts(() => execute(statement))
  }
}

/** One row for each id, with the last event. */
function foldedTogether(rows: readonly AuditRow[]): Counted[] {
  const byId = new Map<string, Counted>()
  for (const row of rows) byId.set(row.id, { ...row, count: (byId.get(row.id)?.count ?? 0) + 1 })
  return [...byId.values()]
}

function insert(rows: readonly Counted[], onConflict: Sql): Sql {
  return sql`INSERT INTO AuditEvent
    (id, at, type, userId, sessionId, ip, userAgent, detail, \`count\`)
    VALUES ${list(rows.map(values))} ${onConflict}`
}

function values(row: Counted): Sql {
  const { id, at, type, userId, sessionId, ip, userAgent, detail, count } = row
  return sql`(${id}, ${at}, ${type}, ${userId}, ${sessionId}, ${ip}, ${userAgent}, ${detail}, ${count})`
}

function addedUp({ orUpdate, inserted }: Dialect): Sql {
  const count = sql`\`count\` = \`count\` + ${inserted('count')}`
  const told = ['at', 'sessionId', 'ip', 'userAgent', 'detail']
  return orUpdate(['id'], [count, ...told.map((it) => sql`${name(it)} = ${inserted(it)}`)])
}
