import { existsSync } from 'node:fs'
import type { DatabaseAddress } from './address.ts'
import {
  type LedgerRow,
  loadMigrations,
  type MigrationState,
  migrationStates,
} from './migrations.ts'

/** What is applied and pending; changes nothing. @throws Error when the database is away */
export async function migrationStatus(address: DatabaseAddress): Promise<MigrationState[]> {
  return migrationStates(await loadMigrations(address.kind), await ledgerOf(address))
}

async function ledgerOf(address: DatabaseAddress): Promise<LedgerRow[]> {
  if (address.kind === 'mysql') {
    const { readMysqlLedger } = await import('./mysql/migrate.ts')
    return readMysqlLedger(address)
  }
  // To open a missing file would make it.
  if (!existsSync(address.path)) return []
  const { readSqliteLedger } = await import('./sqlite/migrate.ts')
  return readSqliteLedger(address.path)
}
