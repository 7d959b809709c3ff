import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** One directory under prisma/<provider>/migrations. */
export type Migration = { name: string; sql: string; checksum: string }

/** What matters of one row of Prisma's ledger, the table `_prisma_migrations`. */
export type LedgerRow = {
  name: string
  checksum: string
  isFinished: boolean
  isRolledBack: boolean
}

/**
 * Reads the migrations that came with this version, in the order of their names. They lie in the
 * package, two levels above this file both as TypeScript (src) and compiled (dist).
 */
export async function loadMigrations(
  provider: 'sqlite' | 'mysql',
  directory = fileURLToPath(new URL(`../../prisma/${provider}/migrations`, import.meta.url)),
): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(`${directory}/${name}/migration.sql`, 'utf8')
      return { name, sql, checksum: checksumOf(sql) }
    }),
  )
}

/** The checksum that Prisma keeps of a migration: SHA-256 of its text, in hexadecimal. */
function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/**
 * Compares the ledger with the migrations at hand.
 * @returns the migrations that are missing in the database, in order
 * @throws Error, with the cure, for a migration that failed, was edited after it was applied, is
 * unknown here, or would have to be applied before another one that is applied
 */
export function pendingMigrations(migrations: Migration[], ledger: LedgerRow[]): Migration[] {
  const rows = ledger.filter((row) => !row.isRolledBack)
  for (const row of rows)
    refuseBadRow(
      row,
      migrations.find(({ name }) => name === row.name),
    )
  const applied = new Set(rows.map(({ name }) => name))
  return migrations.filter(({ name }) => !applied.has(name))
}

function refuseBadRow(row: LedgerRow, migration: Migration | undefined): void {
  if (!row.isFinished) {
    throw new Error(
      `The migration ${row.name} was begun and did not finish. Look at its row in _prisma_migrations, put the tables right by hand or from a backup, mark it with "npx prisma migrate resolve --rolled-back ${row.name}" (or --applied), and start again.`,
    )
  }
  if (!migration) {
    throw new Error(
      `The database has the migration ${row.name}, which this version of Latchkey does not know: a newer version has used it. Start that version, or restore the backup from before the upgrade.`,
    )
  }
  if (!checksumsOf(migration.sql).includes(row.checksum)) {
    throw new Error(
      `The migration ${row.name} was edited after it had been applied. Restore its file as it was, and put the change into a new migration.`,
    )
  }
}

// Like Prisma's own check: line ends that a checkout changed are no edit.
function checksumsOf(sql: string): string[] {
  const plain = sql.replaceAll('\r\n', '\n')
  return [sql, plain, plain.replaceAll('\n', '\r\n')].map(checksumOf)
}
