import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PrismaClient } from '../../../generated/sqlite/client.ts'
import { transactionOptions, wrapAdapter } from '../adapter.ts'
import type { Around } from '../adapter-calls.ts'
import type { SqliteAddress } from '../address.ts'
import type { DatabaseConnection } from '../database.ts'
import type { QueryObserver } from '../query-observer.ts'
import { createSqliteAdapter } from './adapter.ts'
import { sqliteDialect } from './dialect.ts'
import { checkSqlite, migrateSqlite } from './migrate.ts'

export async function openSqlite(
  address: SqliteAddress,
  onQuery?: QueryObserver,
  around?: Around,
): Promise<DatabaseConnection> {
  const path = resolve(address.path)
  prepareFile(path)
  const factory = createSqliteAdapter(path)
  const { adapter, connect, createHandle } = wrapAdapter({ factory, onQuery, around })
  const client = new PrismaClient({ adapter, transactionOptions })
  await connect()
  return {
    ...createHandle(client),
    provider: 'sqlite',
    dialect: sqliteDialect,
    migrate: () => migrateSqlite(path),
    requireMigrated: () => checkSqlite(path),
  }
}

// SQLite gives its side files the mode of the database file.
function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const fix = 'let the user of the server write to that folder, or name another file'
    throw new Error(`DATABASE_URL: the file ${path} cannot be written (${code}); ${fix}`, {
      cause: error,
    })
  }
}
