import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { Database } from './database.ts'
import { createStatements } from './database-statements.ts'
import { observeQueries, type QueryObserver } from './query-observer.ts'

/** In milliseconds: how long `$transaction` waits to begin, and how long it may take then. */
export const transactionOptions = { maxWait: 5_000, timeout: 5_000 }

/**
 * The adapter as both databases use it: watched if somebody wants to, and closed for good once
 * it is closed; Prisma alone would open it again for the next statement.
 */
export function closable(factory: SqlDriverAdapterFactory, onQuery: QueryObserver | undefined) {
  const { provider, adapterName, connect } = onQuery ? observeQueries(factory, onQuery) : factory
  let connected: Promise<SqlDriverAdapter> | undefined
  let isClosed = false

  /** The same connections for Prisma's client and for the statements beside it. */
  async function connectOnce(): Promise<SqlDriverAdapter> {
    if (isClosed) throw new DriverAdapterError({ kind: 'ConnectionClosed' })
    connected ??= connect.call(factory).catch((error) => {
      connected = undefined
      throw error
    })
    return connected
  }

  const adapter: SqlDriverAdapterFactory = { provider, adapterName, connect: connectOnce }

  /** What both databases do the same way. */
  function handlesOf(client: Database) {
    return {
      client,
      statements: createStatements(connectOnce),
      ping: async () => void (await client.user.findFirst({ select: { id: true } })),
      close: () => {
        isClosed = true
        return client.$disconnect()
      },
    }
  }

  return { adapter, handlesOf }
}
