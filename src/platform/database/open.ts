import type { DatabaseConnection, DatabaseOptions } from './database.ts'
import { statementSpans } from './statement-spans.ts'

/**
 * Loads only the driver of the address. Creates a missing SQLite file.
 * @throws Error for an unusable file; a MySQL that is away shows at a statement
 */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseConnection> {
  const { address } = options
  const around = statementSpans(options)
  if (address.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open.ts')
    return openSqlite(address, options.onQuery, around)
  }
  const { openMysql } = await import('./mysql/open.ts')
  return openMysql(address, options, around)
}
