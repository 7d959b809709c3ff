import type { DatabaseConnection, DatabaseOptions } from './database.ts'

/**
 * Loads only the driver of the address. Creates a missing SQLite file.
 * @throws Error for an unusable file; a MySQL that is away shows at a statement
 */
export async function openDatabase({
  address,
  onQuery,
}: DatabaseOptions): Promise<DatabaseConnection> {
  if (address.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open.ts')
    return openSqlite(address, onQuery)
  }
  const { openMysql } = await import('./mysql/open.ts')
  return openMysql(address, onQuery)
}
