import { DriverAdapterError, type SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { lazy } from '../lazy.ts'
import { type Around, aroundCalls, type GroupingAdapter } from './adapter-calls.ts'
import type { CountingFactory } from './connection-figures.ts'
import type { Database } from './database.ts'
import { observeQueries, overlay, type QueryObserver } from './query-observer.ts'
import { sql } from './sql.ts'
import { createStatements } from './statements.ts'
import { createWriteWatch } from './write-watch.ts'

/** How long `$transaction` waits to begin, and may take then, in milliseconds. */
export const transactionOptions = { maxWait: 5_000, timeout: 5_000 }

/** Writes a row that no subject has, and deletes it. */
const smallWrite = [
  "INSERT INTO `SignInFailures` (`subject`, `device`, `failures`, `expiresAt`) VALUES ('small write', '-', 0, CURRENT_TIMESTAMP)",
  "DELETE FROM `SignInFailures` WHERE `subject` = 'small write' AND `device` = '-'",
]

type Parts = {
  factory: CountingFactory
  onQuery: QueryObserver | undefined
  around?: Around | undefined
  /** Statements that change nothing and fail like writes where a right is missing. */
  trials?: readonly string[]
}

/** Wraps the adapter of either database. Does not reconnect after close, as Prisma would. */
export function wrapAdapter({ factory, onQuery, around, trials = [] }: Parts) {
  const { provider, adapterName } = factory
  const writes = createWriteWatch({ tryWrite })
  const noted: SqlDriverAdapterFactory = {
    ...{ provider, adapterName },
    connect: async () => {
      const noting: Around = (call) => call().catch(writes.note)
      const adapter = aroundCalls(await factory.connect(), noting)
      return around ? aroundCalls(adapter, around) : adapter
    },
  }
  const { connect } = onQuery ? observeQueries(noted, onQuery) : noted
  let connected: Promise<GroupingAdapter> | undefined
  let isClosed = false

  async function connectOnce(): Promise<GroupingAdapter> {
    if (isClosed) throw new DriverAdapterError({ kind: 'ConnectionClosed' })
    connected ??= connect().catch((error) => {
      connected = undefined
      throw error
    })
    return connected
  }

  async function tryWrite(): Promise<void> {
    const connection = await connectOnce()
    const transaction = await connection.startTransaction()
    try {
      for (const sql of [...trials, ...smallWrite]) {
        await transaction.executeRaw({ sql, args: [], argTypes: [] })
      }
      await transaction.commit()
      connection.renew?.()
    } catch (error) {
      await transaction.rollback().catch(() => undefined)
      throw error
    }
  }

  /** For Prisma's client, which may never connect: `close` disposes of the connection instead. */
  const adapter: SqlDriverAdapterFactory = {
    ...{ provider, adapterName },
    connect: async () => overlay(await connectOnce(), { dispose: async () => undefined }),
  }

  function createHandle(client: Database) {
    const statements = createStatements(connectOnce)
    return {
      ...{ client, statements },
      ping: async () => void (await statements.select(sql`SELECT id FROM User LIMIT 1`)),
      takesWrites: writes.takesWrites,
      connections: factory.connections,
      close: lazy(async () => {
        isClosed = true
        writes.close()
        try {
          await client.$disconnect()
        } finally {
          const opened = await connected?.catch(() => undefined)
          await opened?.dispose()
        }
      }),
    }
  }

  return { adapter, connect: connectOnce, createHandle }
}
