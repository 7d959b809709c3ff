import type { EventEmitter } from 'node:events'
import { createPool, type Pool, type PoolConfig, type QueryOptions } from 'mariadb'
import { sessionSettings } from './session-variables.ts'

/** As Prisma's adapter wants results; `forceVersionCheck` would fail with rows as lists. */
const resultOptions = {
  ...{ rowsAsArray: true, dateStrings: true, autoJsonMap: false },
  ...{ jsonStrings: true, bitOneIsBoolean: false },
}

/** A pool for Prisma's adapter, with bounds. */
export function createBoundedPool(options: PoolConfig): Pool {
  const pool = createPool({
    ...options,
    ...resultOptions,
    connectionLimit: 10,
    // The socket timeout ends idle connections; only one is renewed.
    minimumIdle: 1,
    prepareCacheLength: 256,
    // Pipelining sends EXECUTE before PREPARE has answered. If a cluster rolls back between them,
    // the server runs the former statement, and the driver throws outside any promise.
    pipelining: false,
    initSql: sessionSettings,
  })
  // Callers get the error from their promise; without a listener it would be thrown.
  const events = pool as unknown as EventEmitter
  events.on('error', () => undefined)
  return withoutWaste(pool)
}

function withoutWaste(pool: Pool): Pool {
  const connect = pool.getConnection.bind(pool)
  const { execute, query } = withoutOptions(pool)
  return Object.assign(pool, {
    query,
    execute: (...statement: Statement) => askPool(pool, () => execute(...statement)),
    getConnection: async () => {
      const connection = await askPool(pool, connect)
      return Object.assign(connection, withoutOptions(connection))
    },
  })
}

type Statement = [statement: string | QueryOptions, values?: unknown]

/**
 * Drops the options that Prisma's adapter sends with each statement: the driver would copy all its
 * own for them, which takes longer than the rest. They are the pool's, too, but for `typeCast`: it
 * is there for geometry, of which there is none, and makes twelve functions for each value.
 */
function withoutOptions(target: Pick<Pool, 'execute' | 'query'>) {
  const [execute, query] = [target.execute.bind(target), target.query.bind(target)]
  return {
    execute: (...[statement, values]: Statement) => execute(textOf(statement), values),
    query: (...[statement, values]: Statement) => query(textOf(statement), values),
  }
}

const textOf = (statement: Statement[0]) =>
  typeof statement === 'string' ? statement : statement.sql

/** Where all connections are in use, the driver makes an error first: without its costly stack. */
function askPool<T>(pool: Pool, ask: () => T): T {
  if (pool.idleConnections() > 0) return ask()
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return ask()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
