import type { Prisma, PrismaClient } from '../../generated/sqlite/client.ts'
import type { Spans } from '../tracing/spans.ts'
import type { DatabaseAddress } from './address.ts'
import type { ConnectionFigures } from './connection-figures.ts'
import type { Dialect } from './dialect.ts'
import type { QueryObserver } from './query-observer.ts'
import type { Statements } from './statements.ts'

export {
  isConflict,
  isLocked,
  isUnavailable,
  isUniqueViolation,
} from './errors.ts'

/** SQLite's client stands for both, since it can do less. */
export type Database = PrismaClient

export type Transaction = Prisma.TransactionClient

export type DatabaseConnection = {
  client: Database
  /** Raw statements for the hot paths, without Prisma's client. */
  statements: Statements
  provider: 'sqlite' | 'mysql'
  dialect: Dialect
  /** @throws when the database is away or not migrated */
  ping(): Promise<void>
  /** Whether the last write was accepted; after a refusal, tries a small one every second. */
  takesWrites(): boolean
  connections(): ConnectionFigures
  /** The clock of a database server; a file has that of its machine. */
  time?: () => Promise<number>
  close(): Promise<void>
  /** Applies missing migrations. @returns their names, in order */
  migrate(): Promise<string[]>
  /** Only reads. @throws Error that names the migrations that are missing, unfinished or edited */
  requireMigrated(): Promise<void>
}

export type DatabaseOptions = {
  address: DatabaseAddress
  onQuery?: QueryObserver | undefined
  /** Whether the tables of MySQL have foreign keys, as they do by default. */
  foreignKeys?: boolean | undefined
  /** Undefined while tracing is off. */
  spans?: Spans | undefined
}
