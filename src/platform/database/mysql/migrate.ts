import type { Connection } from 'mariadb'
import type { MysqlAddress } from '../address.ts'
import { type LedgerRow, type Migration, pendingMigrations, requireApplied } from '../migrations.ts'
import { connectForMigrations } from './adapter.ts'
import { type Lock, takeLock } from './migration-lock.ts'
import { loadMigrationSet, type MigrationSet } from './migration-set.ts'
import { begin, type Progress, progressOf, runSteps } from './migration-steps.ts'
import { nameRight, tryMigrationRights, tryServiceRights } from './rights.ts'

type MysqlRow = LedgerRow & Parameters<typeof progressOf>[0]

type Open = { connection: Connection; connect: () => Promise<Connection>; set: MigrationSet }

type Choice = {
  foreignKeys?: boolean | undefined
  /** Of other migrations, for tests. */
  directory?: string | undefined
}

/**
 * Applies missing migrations under a lock. The ledger counts statements, since MySQL cannot roll
 * back DDL: the next start resumes. @returns the names of those applied here
 * @throws Error as `pendingMigrations`, of a statement, or with the name of a missing right
 */
export function migrateMysql(address: MysqlAddress, choice: Choice = {}): Promise<string[]> {
  return whileOpen(address, choice, async (open) => {
    const applied = (await isCurrent(open)) ? [] : await applyAll(open)
    await tryServiceRights(open.connection)
    return applied
  })
}

/** Reads the ledger, without a lock. @throws Error as `requireApplied`, or for a missing right */
export function checkMysql(address: MysqlAddress, choice: Choice = {}): Promise<void> {
  return whileOpen(address, choice, async ({ connection, set }) => {
    requireApplied(set.migrations, await readLedger(connection, set))
    await tryServiceRights(connection)
  })
}

async function whileOpen<T>(
  address: MysqlAddress,
  { foreignKeys = true, directory }: Choice,
  work: (open: Open) => Promise<T>,
): Promise<T> {
  const set = await loadMigrationSet(foreignKeys, directory)
  const connect = () => connectForMigrations(address).catch(rethrowReason)
  const connection = await connect()
  try {
    return await work({ connection, connect, set })
  } catch (error) {
    return nameRight(error)
  } finally {
    await connection.end()
  }
}

/** Codes for a certificate that no known authority signed. */
const UNKNOWN_AUTHORITY = /self[- ]signed certificate|unable to (get|verify)/i

function rethrowReason(error: Error): never {
  throw unreachable(error)
}

/** Names the setting and the fix. @param cause the driver's; it may end with the statement */
export function unreachable(cause: Error): Error {
  const [line = ''] = cause.message.replace(/^\(conn:.*?\) /, '').split('\n')
  // The driver advises to trust any certificate.
  const reason = UNKNOWN_AUTHORITY.test(line)
    ? 'nobody whom Node.js trusts vouches for its certificate; start with NODE_EXTRA_CA_CERTS=ca.pem, the file of its authority'
    : `${line}; look whether it runs, and at its address, the user and the password`
  return new Error(`DATABASE_URL: the database cannot be reached: ${reason}`, { cause })
}

// The usual start, without the lock. An unfinished one may be in progress in another process.
async function isCurrent({ connection, set }: Open): Promise<boolean> {
  const ledger = await readLedger(connection, set)
  if (ledger.some(isBegun)) return false
  return pendingMigrations(set.migrations, ledger).length === 0
}

async function applyAll(open: Open): Promise<string[]> {
  const { connection, connect, set } = open
  const { migrations } = set
  const isSettled = () => isCurrent(open)
  const lock = await takeLock({ name: 'migrate', connection, connect, isSettled })
  if (lock === undefined) return []
  try {
    const ledger = await readLedger(connection, set)
    const pending = pendingMigrations(migrations, withoutResumable(ledger, migrations))
    if (pending.length > 0) await tryMigrationRights(connection, set)
    await connection.query(ledgerTable)
    for (const migration of pending) {
      const row = ledger.find(({ name, ...rest }) => name === migration.name && isBegun(rest))
      const progress = row ? progressOf(row) : await begin(connection, migration)
      await apply({ connection, lock, migration, progress })
    }
    return pending.map(({ name }) => name)
  } finally {
    await lock.release()
  }
}

const isBegun = (row: Omit<LedgerRow, 'name'>) => !row.isFinished && !row.isRolledBack

// Its process has died, since we hold the lock. Only an identical migration can resume.
function withoutResumable(ledger: MysqlRow[], migrations: Migration[]): MysqlRow[] {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]))
  return ledger.filter((row) => !isBegun(row) || checksums.get(row.name) !== row.checksum)
}

type Work = { connection: Connection; lock: Lock; migration: Migration; progress: Progress }

async function apply({ connection, lock, migration, progress }: Work): Promise<void> {
  const { id } = progress
  try {
    await runSteps(connection, migration, progress, lock.renew)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    await connection.query('ROLLBACK')
    await connection.query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [reason, id])
    throw new Error(`The migration ${migration.name} failed: ${reason}`, { cause })
  }
  await connection.query(
    'UPDATE _prisma_migrations SET finished_at = UTC_TIMESTAMP(3), logs = NULL, applied_steps_count = 1 WHERE id = ?',
    [id],
  )
}

/** The migrations of this version, and the ledger. @throws Error for one of the other set */
export function readMysqlHistory(address: MysqlAddress, choice: Choice) {
  return whileOpen(address, choice, async ({ connection, set }) => ({
    migrations: set.migrations,
    ledger: (await readLedger(connection, set)) as LedgerRow[],
  }))
}

type StoredRow = {
  id: string
  applied_steps_count: number
  logs: string | null
  migration_name: string
  checksum: string
  finished_at: Date | null
  rolled_back_at: Date | null
}

async function readLedger(
  connection: Connection,
  { refuseOther }: MigrationSet,
): Promise<MysqlRow[]> {
  const tables = await connection.query("SHOW TABLES LIKE '\\_prisma\\_migrations'")
  if (tables.length === 0) return []
  const rows: StoredRow[] = await connection.query(
    'SELECT id, applied_steps_count, logs, migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations ORDER BY started_at',
  )
  const ledger = rows.map((row) => ({
    id: row.id,
    steps: row.applied_steps_count,
    logs: row.logs,
    name: row.migration_name,
    checksum: row.checksum,
    isFinished: row.finished_at !== null,
    isRolledBack: row.rolled_back_at !== null,
  }))
  refuseOther(ledger)
  return ledger
}

// Exactly as Prisma makes it.
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
