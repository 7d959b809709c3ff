import { type LedgerRow, loadMigrations, type Migration } from '../migrations.ts'

/** The migrations of a database with foreign keys, or of one without. */
export type MigrationSet = {
  migrations: Migration[]
  hasForeignKeys: boolean
  /** @throws Error for a ledger of the other set: names are the same, checksums differ */
  refuseOther: (ledger: readonly LedgerRow[]) => void
}

/** @param directory other migrations, for which there is only one set */
export async function loadMigrationSet(
  hasForeignKeys: boolean,
  directory?: string,
): Promise<MigrationSet> {
  const folders = ['mysql', 'mysql-without-foreign-keys'] as const
  const [own, other] = hasForeignKeys ? folders : folders.toReversed()
  const migrations = await loadMigrations(own ?? 'mysql', directory)
  const others = directory === undefined ? await loadMigrations(other ?? 'mysql') : []
  const ours = checksumsOf(migrations)
  const theirs = checksumsOf(others)

  function refuseOther(ledger: readonly LedgerRow[]): void {
    const isOther = ({ checksum, isRolledBack }: LedgerRow) =>
      !isRolledBack && theirs.has(checksum) && !ours.has(checksum)
    if (!ledger.some(isOther)) return
    const [is, should] = hasForeignKeys ? ['without', 'off'] : ['with', 'on']
    throw new Error(
      `FOREIGN_KEYS: the tables of this database were made ${is} foreign keys; write FOREIGN_KEYS=${should}. To change it, copy the rows into a new database.`,
    )
  }

  return { migrations, hasForeignKeys, refuseOther }
}

const checksumsOf = (migrations: readonly Migration[]) =>
  new Set(migrations.map(({ checksum }) => checksum))
