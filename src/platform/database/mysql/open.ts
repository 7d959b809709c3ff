import { PrismaClient } from '../../../generated/mysql/client.ts'
import { transactionOptions, wrapAdapter } from '../adapter.ts'
import type { Around } from '../adapter-calls.ts'
import type { MysqlAddress } from '../address.ts'
import type { Database, DatabaseConnection, DatabaseOptions } from '../database.ts'
import { sql } from '../sql.ts'
import { createMysqlAdapter } from './adapter.ts'
import { mysqlDialect } from './dialect.ts'
import { checkMysql, migrateMysql } from './migrate.ts'
import { serviceTrials } from './rights.ts'

export function openMysql(
  address: MysqlAddress,
  { onQuery, foreignKeys }: Pick<DatabaseOptions, 'onQuery' | 'foreignKeys'>,
  around?: Around,
): DatabaseConnection {
  const { adapter, createHandle } = wrapAdapter({
    ...{ factory: createMysqlAdapter(address), onQuery, around, trials: serviceTrials },
  })
  // The models are the same; SQLite only lacks some filters, such as full-text search.
  const client = new PrismaClient({ adapter, transactionOptions }) as unknown as Database
  const handle = createHandle(client)
  return {
    ...handle,
    provider: 'mysql',
    dialect: mysqlDialect,
    migrate: () => migrateMysql(address, { foreignKeys }),
    requireMigrated: () => checkMysql(address, { foreignKeys }),
    async time() {
      const [row] = await handle.statements.select<{ ms: string }>(
        sql`SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS ms`,
      )
      return Number(row?.ms)
    },
  }
}
