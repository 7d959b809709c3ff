import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrismaClient } from '../generated/sqlite/client.ts'
import type { DatabaseOptions, OpenDatabase } from './database.ts'
import { closable, transactionOptions } from './database-handles.ts'
import { migrateSqlite } from './migrations-sqlite.ts'
import { createSqliteAdapter } from './sqlite-adapter.ts'

/** Opens a SQLite file: see `openDatabase`. */
export async function openSqlite({ url, onQuery }: DatabaseOptions): Promise<OpenDatabase> {
  const path = prepareFile(url)
  const { adapter, handlesOf } = closable(createSqliteAdapter(path), onQuery)
  const client = new PrismaClient({ adapter, transactionOptions })
  await client.$connect()
  return { ...handlesOf(client), provider: 'sqlite', migrate: () => migrateSqlite(path) }
}

// SQLite makes its two side files with the rights of the database file.
function prepareFile(url: string): string {
  if (/^file:(?::memory:)?$|\?/.test(url)) {
    throw new Error(
      'DATABASE_URL must name a file, without parameters, such as file:./data/latchkey.db.',
    )
  }
  const path = url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length))
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    throw new Error(`DATABASE_URL: the file ${path} cannot be written`, { cause: error })
  }
  return path
}
