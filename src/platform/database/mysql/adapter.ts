import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { type Connection, createConnection, type Pool, type PoolConfig } from 'mariadb'
import { aroundStatements } from '../adapter-calls.ts'
import type { MysqlAddress } from '../address.ts'
import type { CountingFactory } from '../connection-figures.ts'
import { retryConflicts } from '../retry-conflicts.ts'
import { createServerWatch } from './connection-watch.ts'
import { createBoundedPool } from './pool.ts'
import { convertResults } from './results.ts'
import { migrationSettings } from './session-variables.ts'

const identity = { provider: 'mysql', adapterName: '@prisma/adapter-mariadb' } as const

/** Prisma's adapter for MySQL and MariaDB, with bounds; retries statements after conflicts. */
export function createMysqlAdapter(address: MysqlAddress): CountingFactory {
  const options = connectionOptions(address)
  let pool: Pool | undefined
  const { database } = address
  return {
    ...identity,
    connections: () => ({
      inUse: pool?.activeConnections() ?? 0,
      idle: pool?.idleConnections() ?? 0,
      waiting: pool?.taskQueueSize() ?? 0,
    }),
    connect: async () => {
      const open = async () => {
        pool = createBoundedPool(options)
        const prisma = new PrismaMariaDb(pool, { disposeExternalPool: true })
        return convertResults(await prisma.connect())
      }
      const watch = createServerWatch({ open, ask: () => ask(options) })
      const adapter: SqlDriverAdapter = {
        ...identity,
        ...watch,
        executeScript: () => Promise.reject(new Error('Scripts are for migrations.')),
        getConnectionInfo: () => ({ schemaName: database, supportsRelationJoins: false }),
      }
      // Ending a session can conflict with a change of password, which may lock live rows of
      // others.
      return aroundStatements(adapter, retryConflicts)
    },
  }
}

const FIRST_OF_DRIVER = 45_000

/** A refusal is an answer, too. */
async function ask(options: PoolConfig): Promise<void> {
  try {
    const connection = await createConnection({ ...options, connectTimeout: 1000 })
    connection.end().catch(() => undefined)
  } catch (error) {
    const { errno = 0 } = error as { errno?: number }
    if (errno <= 0 || errno >= FIRST_OF_DRIVER) throw error
  }
}

export function connectForMigrations(address: MysqlAddress): Promise<Connection> {
  return createConnection({
    ...connectionOptions(address),
    socketTimeout: 3_600_000,
    initSql: migrationSettings,
  })
}

export function connectionOptions(address: MysqlAddress): PoolConfig {
  const { host, port, user, password, database, tls, allowPublicKeyRetrieval } = address
  return {
    ...{ host, port, user, password, database, allowPublicKeyRetrieval },
    ssl: tls === 'on',
    charset: 'utf8mb4',
    timezone: 'Z',
    // Counts matched rows, not changed ones.
    foundRows: true,
    connectTimeout: 3_000,
    acquireTimeout: 4_000,
    // For a server that fell silent; its own timeout is shorter.
    socketTimeout: 6_000,
  }
}
