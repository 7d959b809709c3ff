import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export type Migration = { name: string; sql: string; checksum: string }

/** A row of `_prisma_migrations`, Prisma's ledger. */
export type LedgerRow = {
  name: string
  checksum: string
  isFinished: boolean
  isRolledBack: boolean
}

/** `newer`: this version does not know it. `edited`: its file is not the one that was applied. */
type RowState = 'applied' | 'unfinished' | 'newer' | 'edited'

export type MigrationState = { name: string; state: RowState | 'pending' }

/** A folder of `prisma/`. */
type MigrationFolder = 'sqlite' | 'mysql' | 'mysql-without-foreign-keys'

/** Reads migrations in the order of their names; the path fits `src` and `dist`. */
export async function loadMigrations(
  folder: MigrationFolder,
  directory = fileURLToPath(new URL(`../../../prisma/${folder}/migrations`, import.meta.url)),
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

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/**
 * @returns the migrations that the ledger lacks, in order
 * @throws Error with the fix, for one that failed, was edited, is unknown, or would come too late
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

const REFUSALS: Record<Exclude<RowState, 'applied'>, (name: string) => string> = {
  unfinished: (name) =>
    `The migration ${name} started and did not finish. Look at its row in _prisma_migrations, correct the tables by hand or from a backup, mark it with "npx prisma migrate resolve --rolled-back ${name}" (or --applied), and start again.`,
  newer: (name) =>
    `The database has the migration ${name}, which this version of Latchkey does not know: a newer version has used it. Start that version, or restore the backup from before the upgrade.`,
  edited: (name) =>
    `The migration ${name} was edited after it was applied. Restore the original file, and put the change into a new migration.`,
}

function refuseBadRow(row: LedgerRow, migration: Migration | undefined): void {
  const state = stateOf(row, migration)
  if (state !== 'applied') throw new Error(REFUSALS[state](row.name))
}

function stateOf(row: LedgerRow, migration: Migration | undefined): RowState {
  if (!row.isFinished) return 'unfinished'
  if (!migration) return 'newer'
  return checksumsOf(migration.sql).includes(row.checksum) ? 'applied' : 'edited'
}

/** Every migration of the ledger and of this version, in the order of their names. */
export function migrationStates(migrations: Migration[], ledger: LedgerRow[]): MigrationState[] {
  const rows = ledger.filter((row) => !row.isRolledBack)
  const known = rows.map((row) => ({
    name: row.name,
    state: stateOf(
      row,
      migrations.find(({ name }) => name === row.name),
    ),
  }))
  const names = new Set(rows.map(({ name }) => name))
  const pending = migrations
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => ({ name, state: 'pending' as const }))
  return [...known, ...pending].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/**
 * For a start that applies nothing. @throws Error that names every migration that is not applied as
 * this version has it, with the fix
 */
export function requireApplied(migrations: Migration[], ledger: LedgerRow[]): void {
  const states = migrationStates(migrations, ledger)
  const namesOf = (wanted: MigrationState['state']) =>
    states.filter(({ state }) => state === wanted).map(({ name }) => name)
  const [newer] = namesOf('newer')
  if (newer !== undefined) throw new Error(REFUSALS.newer(newer))
  const sentences = [
    ...sentence(namesOf('pending'), LACKS),
    ...sentence(namesOf('unfinished'), UNFINISHED),
    ...namesOf('edited').map(REFUSALS.edited),
  ]
  if (sentences.length > 0) throw new Error(`MIGRATE=off: ${sentences.join(' ')}`)
}

const LACKS = (names: string) =>
  `the database lacks the migrations ${names}. Apply them with "latchkey migrate" (npm run cli -- migrate) or "prisma migrate deploy", as a user that may change tables, and start again.`
const UNFINISHED = (names: string) =>
  `The migrations ${names} started and did not finish. Wait for the process that applies them; if there is none, run "latchkey migrate", which continues or says what to do.`

const sentence = (names: string[], text: (names: string) => string) =>
  names.length === 0 ? [] : [text(names.join(', '))]

// Ignores line ends that a checkout changed, as Prisma does.
function checksumsOf(sql: string): string[] {
  const plain = sql.replaceAll('\r\n', '\n')
  return [sql, plain, plain.replaceAll('\n', '\r\n')].map(checksumOf)
}
