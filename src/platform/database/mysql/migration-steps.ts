import { randomUUID } from 'node:crypto'
import type { Connection } from 'mariadb'
import type { Migration } from '../migrations.ts'

/** A migration's row, its counted statements, and whether one more may be done. */
export type Progress = { id: string; steps: number; isUncertain: boolean }

// Quoted texts and comments as a whole, or anything but the end of a statement.
const STATEMENT =
  /(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|[^;])+/g
const COMMENT_LINE = /^\s*(?:--|#).*$/gm

export function statementsIn(sql: string): string[] {
  const parts = sql.match(STATEMENT) ?? []
  return parts.map((part) => part.trim()).filter((part) => part.replace(COMMENT_LINE, '').trim())
}

export async function begin(
  connection: Connection,
  { name, checksum }: Migration,
): Promise<Progress> {
  const id = randomUUID()
  await connection.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    [id, checksum, name],
  )
  return { id, steps: 0, isUncertain: false }
}

/** Text of the ledger for a failed statement; only then is the count exact. */
const FAILED = /^Statement \d+ of \d+: /

export function progressOf(row: { id: string; steps: number; logs: string | null }): Progress {
  return { ...row, isUncertain: !FAILED.test(row.logs ?? '') }
}

/**
 * Runs the remaining statements, each with its count. DDL commits at once, so skips those done but
 * not counted. @throws Error that names the failing statement and the reason
 */
export async function runSteps(
  connection: Connection,
  { sql }: Migration,
  { id, steps, isUncertain }: Progress,
  beforeEach: () => Promise<void>,
): Promise<void> {
  const statements = statementsIn(sql)
  for (const [index, statement] of statements.entries()) {
    if (index < steps) continue
    await beforeEach()
    await connection.query('START TRANSACTION')
    const mayBeDone = isUncertain && (steps === 0 || index === steps)
    await run(connection, statement, mayBeDone).catch((cause) => {
      throw new Error(`Statement ${index + 1} of ${statements.length}: ${cause.message}`, { cause })
    })
    await connection.query('UPDATE _prisma_migrations SET applied_steps_count = ? WHERE id = ?', [
      index + 1,
      id,
    ])
    await connection.query('COMMIT')
  }
}

async function run(connection: Connection, statement: string, mayBeDone: boolean): Promise<void> {
  try {
    await connection.query(statement)
  } catch (error) {
    const { errno = 0, message } = error as { errno?: number; message: string }
    if (!mayBeDone || !isDoneBefore(errno, message)) throw error
  }
}

// The table, column, index or foreign key exists already, or no longer.
const THERE_OR_GONE = new Set([1022, 1050, 1051, 1060, 1061, 1068, 1091, 1826])
const NO_TABLE_MADE = 1005

function isDoneBefore(errno: number, message: string): boolean {
  // MariaDB: a foreign key of that name exists.
  if (errno === NO_TABLE_MADE) return message.includes('errno: 121')
  return THERE_OR_GONE.has(errno)
}
