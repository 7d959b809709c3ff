import { createHash, randomUUID } from 'node:crypto'
import type { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { type LedgerRow, loadMigrations, type Migration, pendingMigrations } from './migrations.ts'
import { createMysqlMigrationAdapter } from './mysql-adapter.ts'

type Adapter = Awaited<ReturnType<PrismaMariaDb['connect']>>
type Connection = Awaited<ReturnType<ReturnType<Adapter['underlyingDriver']>['getConnection']>>

const lockWaitSeconds = 60

/**
 * Applies the missing migrations to a MySQL database, under a lock that other servers starting
 * at the same time wait for. MySQL cannot undo a change of tables, so a migration that fails
 * stays in the ledger as begun, and nothing starts before somebody has looked at it.
 * @param directory of the migrations, for tests
 * @returns the names of those applied here
 * @throws Error as `pendingMigrations`, or that of the failing statement
 */
export async function migrateMysql(url: string, directory?: string): Promise<string[]> {
  const migrations = await loadMigrations('mysql', directory)
  const adapter = await createMysqlMigrationAdapter(url).connect()
  try {
    const connection = await adapter.underlyingDriver().getConnection().catch(rethrowReason)
    try {
      return (await isCurrent(connection, migrations)) ? [] : await applyAll(connection, migrations)
    } finally {
      await connection.release()
    }
  } finally {
    await adapter.dispose()
  }
}

// The pool only says that it waited; why is in the cause: no such host, user, password, database.
function rethrowReason(error: { cause?: unknown; message: string }): never {
  const reason = error.cause instanceof Error ? error.cause.message : error.message
  const [line] = reason.replace(/^\(conn:.*?\) /, '').split('\n')
  throw new Error(`DATABASE_URL: the database cannot be reached: ${line}`, { cause: error })
}

// Without the lock, for the usual start. Anything else is judged under it: what looks unfinished
// here may just be at work in another process.
async function isCurrent(connection: Connection, migrations: Migration[]): Promise<boolean> {
  const ledger = await readLedger(connection)
  if (ledger.some((row) => !row.isFinished)) return false
  return pendingMigrations(migrations, ledger).length === 0
}

async function applyAll(connection: Connection, migrations: Migration[]): Promise<string[]> {
  const lock = await takeLock(connection)
  try {
    const pending = pendingMigrations(migrations, await readLedger(connection))
    await connection.query(ledgerTable)
    for (const migration of pending) await apply(connection, migration)
    return pending.map(({ name }) => name)
  } finally {
    await connection.query('SELECT RELEASE_LOCK(?)', [lock])
  }
}

async function takeLock(connection: Connection): Promise<string> {
  const [{ name }] = await connection.query('SELECT DATABASE() AS name')
  // Names of locks are short and belong to the whole server.
  const lock = `latchkey.migrate.${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
  const [{ taken }] = await connection.query('SELECT GET_LOCK(?, ?) AS taken', [
    lock,
    lockWaitSeconds,
  ])
  if (Number(taken) === 1) return lock
  throw new Error(
    `Another process has been migrating this database for more than ${lockWaitSeconds} seconds. Wait for it to end, or end it, and start again.`,
  )
}

async function apply(connection: Connection, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  await connection.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    [id, checksum, name],
  )
  try {
    await connection.query(sql)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    await connection.query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [reason, id])
    throw new Error(`The migration ${name} failed: ${reason}`, { cause })
  }
  await connection.query(
    'UPDATE _prisma_migrations SET finished_at = UTC_TIMESTAMP(3), applied_steps_count = 1 WHERE id = ?',
    [id],
  )
}

type StoredRow = {
  migration_name: string
  checksum: string
  finished_at: Date | null
  rolled_back_at: Date | null
}

async function readLedger(connection: Connection): Promise<LedgerRow[]> {
  const tables = await connection.query("SHOW TABLES LIKE '\\_prisma\\_migrations'")
  if (tables.length === 0) return []
  const rows: StoredRow[] = await connection.query(
    'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations ORDER BY started_at',
  )
  return rows.map((row) => ({
    name: row.migration_name,
    checksum: row.checksum,
    isFinished: row.finished_at !== null,
    isRolledBack: row.rolled_back_at !== null,
  }))
}

// To the letter as Prisma makes it.
const ledgerTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             DATETIME(3),
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          DATETIME(3),
    started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`
