import { existsSync } from 'node:fs'
import type { DatabaseOptions } from './database.ts'
import { loadMigrations, type MigrationState, migrationStates } from './migrations.ts'

type Options = Pick<DatabaseOptions, 'address' | 'foreignKeys'>

/** What is applied and pending; changes nothing. @throws Error when the database is away */
export async function migrationStatus({
  address,
  foreignKeys,
}: Options): Promise<MigrationState[]> {
  if (address.kind === 'mysql') {
    const { readMysqlHistory } = await import('./mysql/migrate.ts')
    const { migrations, ledger } = await readMysqlHistory(address, { foreignKeys })
    return migrationStates(migrations, ledger)
  }
  return migrationStates(await loadMigrations('sqlite'), await sqliteLedger(address.path))
}

async function sqliteLedger(path: string) {
  // To open a missing file would make it.
  if (!existsSync(path)) return []
  const { readSqliteLedger } = await import('./sqlite/migrate.ts')
  return readSqliteLedger(path)
}
