import { PrismaClient } from '../generated/mysql/client.ts'
import type { Database, DatabaseOptions, OpenDatabase } from './database.ts'
import { closable, transactionOptions } from './database-handles.ts'
import { migrateMysql } from './migrations-mysql.ts'
import { createMysqlAdapter } from './mysql-adapter.ts'

/** Opens a MySQL or MariaDB database: see `openDatabase`. */
export function openMysql({ url, onQuery }: DatabaseOptions): OpenDatabase {
  const { adapter, handlesOf } = closable(createMysqlAdapter(url), onQuery)
  // The models are the same; only filters that SQLite lacks, such as full-text search, differ.
  const client = new PrismaClient({ adapter, transactionOptions }) as unknown as Database
  return { ...handlesOf(client), provider: 'mysql', migrate: () => migrateMysql(url) }
}
