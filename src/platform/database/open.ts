import type { DatabaseConnection, DatabaseOptions } from './database.ts'

/**
 * Loads only the driver of the address. Creates a missing SQLite file.
 * @throws Error for an unusable file; a MySQL that is away shows at a statement
 */
export async function openDatabase({
  address,
  ...options
}: DatabaseOptions): Promise<DatabaseConnection> {
  if (address.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open.ts')
    return openSqlite(address, options.onQuery)
  }
  const { openMysql } = await import('./mysql/open.ts')
  return openMysql(address, options)
}
