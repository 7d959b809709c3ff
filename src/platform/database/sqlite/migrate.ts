import { randomUUID } from 'node:crypto'
import {
  type LedgerRow,
  loadMigrations,
  type Migration,
  pendingMigrations,
  requireApplied,
} from '../migrations.ts'
import { whileBusy } from './busy.ts'
import { openConnection, type SqliteConnection } from './connection.ts'

const waitMs = 30_000

/**
 * Applies missing migrations, each in one transaction with its row of the ledger. Processes that
 * start together wait for each other. @returns the names of those applied here
 * @throws Error as `pendingMigrations`, or of the failing statement
 */
export async function migrateSqlite(path: string, directory?: string): Promise<string[]> {
  const migrations = await loadMigrations('sqlite', directory)
  const deadline = performance.now() + waitMs
  const connection = await whileBusy(() => openConnection(path, { readOnly: false }), deadline)
  // Prisma's scripts replace tables by dropping them, which would delete rows that refer to them.
  connection.script('PRAGMA foreign_keys = OFF')
  const applied: string[] = []
  try {
    while (pendingMigrations(migrations, readLedger(connection)).length > 0) {
      await whileBusy(() => connection.script('BEGIN IMMEDIATE'), deadline)
      applied.push(...applyNext(connection, migrations))
    }
    return applied
  } finally {
    connection.close()
  }
}

function applyNext(connection: SqliteConnection, migrations: Migration[]): string[] {
  try {
    const [next] = pendingMigrations(migrations, readLedger(connection))
    if (next) apply(connection, next)
    connection.script('COMMIT')
    return next ? [next.name] : []
  } catch (error) {
    if (connection.isInTransaction()) connection.script('ROLLBACK')
    throw error
  }
}

function apply(connection: SqliteConnection, { name, sql, checksum }: Migration): void {
  const startedAt = BigInt(Date.now())
  connection.script(ledgerTable)
  try {
    connection.script(sql)
  } catch (cause) {
    throw new Error(`The migration ${name} failed and was rolled back: ${messageOf(cause)}`, {
      cause,
    })
  }
  refuseBrokenReferences(connection, name)
  connection.execute(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)',
    [randomUUID(), checksum, name, startedAt, BigInt(Date.now())],
  )
}

function refuseBrokenReferences(connection: SqliteConnection, name: string): void {
  const { rows } = connection.query('PRAGMA foreign_key_check', [])
  if (rows.length > 0) {
    throw new Error(
      `The migration ${name} was rolled back: rows of ${rows[0]?.[0]} refer to rows that do not exist.`,
    )
  }
}

/** Reads the ledger. @throws Error as `requireApplied` */
export async function checkSqlite(path: string): Promise<void> {
  requireApplied(await loadMigrations('sqlite'), await readSqliteLedger(path))
}

/** The ledger of an existing file, which stays as it is. */
export async function readSqliteLedger(path: string): Promise<LedgerRow[]> {
  const deadline = performance.now() + waitMs
  const connection = await whileBusy(() => openConnection(path, { readOnly: true }), deadline)
  try {
    return readLedger(connection)
  } finally {
    connection.close()
  }
}

function readLedger(connection: SqliteConnection): LedgerRow[] {
  const exists = connection.query(
    "SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'",
    [],
  )
  if (exists.rows.length === 0) return []
  const { rows } = connection.query(
    'SELECT migration_name, checksum, finished_at IS NOT NULL, rolled_back_at IS NOT NULL FROM _prisma_migrations ORDER BY started_at',
    [],
  )
  return rows.map(([name, checksum, isFinished, isRolledBack]) => ({
    name: String(name),
    checksum: String(checksum),
    isFinished: Boolean(Number(isFinished)),
    isRolledBack: Boolean(Number(isRolledBack)),
  }))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

// Exactly as Prisma makes it.
const ledgerTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`
