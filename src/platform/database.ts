import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaClient as MysqlClient } from '../generated/mysql/client.ts'
import { type Prisma, PrismaClient as SqliteClient } from '../generated/sqlite/client.ts'
import { migrateMysql } from './migrations-mysql.ts'
import { migrateSqlite } from './migrations-sqlite.ts'
import { createMysqlAdapter } from './mysql-adapter.ts'
import { observeQueries, type QueryObserver } from './query-observer.ts'
import { createSqliteAdapter } from './sqlite-adapter.ts'

export { isConflict, isUnavailable, isUniqueViolation } from './database-errors.ts'

/** The client of SQLite, the narrower of the two databases, stands for both. */
export type Database = SqliteClient

/** What a function passed to `$transaction` works with. */
export type Transaction = Prisma.TransactionClient

export type OpenDatabase = {
  client: Database
  provider: 'sqlite' | 'mysql'
  /** Reads one row. @throws when the database is away or not migrated */
  ping(): Promise<void>
  close(): Promise<void>
  /** Applies the migrations that are missing. @returns their names, in order */
  migrate(): Promise<string[]>
}

type Options = { url: string; onQuery?: QueryObserver }

// In milliseconds: how long $transaction waits to begin, and how long it may take.
const transactionOptions = { maxWait: 5_000, timeout: 5_000 }

/**
 * Opens the database that the URL names: `file:…` (SQLite; relative to the working directory,
 * created when missing, readable by its owner alone) or `mysql://…`.
 * @param onQuery sees each statement that is sent, for tests
 * @throws Error for a URL of neither kind; for SQLite also when the file cannot be opened. A MySQL
 * server that is away shows with the first statement.
 */
export async function openDatabase({ url, onQuery }: Options): Promise<OpenDatabase> {
  if (url.startsWith('file:')) return openSqlite(prepareFile(url), onQuery)
  if (url.startsWith('mysql://')) return openMysql(url, onQuery)
  throw new Error('DATABASE_URL must begin with file: (SQLite) or mysql:// (MySQL, MariaDB).')
}

async function openSqlite(path: string, onQuery?: QueryObserver): Promise<OpenDatabase> {
  const adapter = observed(createSqliteAdapter(path), onQuery)
  const client = new SqliteClient({ adapter, transactionOptions })
  await client.$connect()
  return { ...handles(client), provider: 'sqlite', migrate: () => migrateSqlite(path) }
}

function openMysql(url: string, onQuery?: QueryObserver): OpenDatabase {
  const adapter = observed(createMysqlAdapter(url), onQuery)
  // The models are the same; only filters that SQLite lacks, such as full-text search, differ.
  const client = new MysqlClient({ adapter, transactionOptions }) as unknown as Database
  return { ...handles(client), provider: 'mysql', migrate: () => migrateMysql(url) }
}

function handles(client: Database) {
  return {
    client,
    ping: async () => void (await client.user.findFirst({ select: { id: true } })),
    close: () => client.$disconnect(),
  }
}

function observed(adapter: SqlDriverAdapterFactory, onQuery?: QueryObserver) {
  return onQuery ? observeQueries(adapter, onQuery) : adapter
}

// SQLite makes its two side files with the rights of the database file.
function prepareFile(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length))
  if (/^file:(?::memory:)?$|\?/.test(url)) {
    throw new Error(
      'DATABASE_URL must name a file, without parameters, such as file:./data/latchkey.db.',
    )
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  return path
}
