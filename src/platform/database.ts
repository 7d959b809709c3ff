import type { Prisma, PrismaClient } from '../generated/sqlite/client.ts'
import type { Statements } from './database-statements.ts'
import type { QueryObserver } from './query-observer.ts'

export {
  isConflict,
  isForeignKeyViolation,
  isUnavailable,
  isUniqueViolation,
} from './database-errors.ts'

/** The client of SQLite, the narrower of the two databases, stands for both. */
export type Database = PrismaClient

/** What a function passed to `$transaction` works with. */
export type Transaction = Prisma.TransactionClient

export type OpenDatabase = {
  client: Database
  /** For the hot paths: the same database without Prisma's client. */
  statements: Statements
  provider: 'sqlite' | 'mysql'
  /** Reads one row. @throws when the database is away or not migrated */
  ping(): Promise<void>
  close(): Promise<void>
  /** Applies the migrations that are missing. @returns their names, in order */
  migrate(): Promise<string[]>
}

export type DatabaseOptions = {
  /** `file:…` (relative to the working directory, or absolute) or `mysql://user:password@host:port/name`. */
  url: string
  /** Sees each statement that is sent; for tests. */
  onQuery?: QueryObserver | undefined
}

/**
 * Opens the database that the URL names. A missing SQLite file is created, readable by its owner
 * alone. Only the driver in use is loaded.
 * @throws Error for a URL of neither kind; for SQLite also when the file cannot be opened. A MySQL
 * server that is away shows with the first statement.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (options.url.startsWith('file:')) {
    const { openSqlite } = await import('./database-sqlite.ts')
    return openSqlite(options)
  }
  if (options.url.startsWith('mysql://')) {
    const { openMysql } = await import('./database-mysql.ts')
    return openMysql(options)
  }
  throw new Error('DATABASE_URL must begin with file: (SQLite) or mysql:// (MySQL, MariaDB).')
}
