import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import type { Rows, SqliteConnection } from './sqlite-connection.ts'
import { toAdapterError } from './sqlite-errors.ts'
import { createGroupCommit, type SqliteGroups } from './sqlite-groups.ts'
import { columnTypes, fromSqlite, toSqlite } from './sqlite-values.ts'
import {
  createReader,
  createWriter,
  type SqliteLimits,
  type SqliteReader,
  type SqliteTransaction,
  type SqliteWriter,
} from './sqlite-writer.ts'

const identity = { provider: 'sqlite', adapterName: 'latchkey-libsql' } as const

// The wait ends a little before Prisma's own (5 s), so that the answer says what was waited for.
const defaultLimits: SqliteLimits = {
  waitMilliseconds: 4_500,
  maxWaiting: 1_000,
  transactionMilliseconds: 15_000,
}

type Action<T> = (connection: SqliteConnection) => T
type Route = <T>(sql: string, action: Action<T>) => Promise<T>

/**
 * Prisma's driver adapter over the synchronous `libsql` package: one connection that writes,
 * one that reads. Prisma's own adapters share a connection between a transaction and the
 * statements of everybody else, or open one for each transaction and never close it.
 * @param path of the database file, which exists
 */
export function createSqliteAdapter(
  path: string,
  limits: Partial<SqliteLimits> = {},
): SqlDriverAdapterFactory {
  return {
    ...identity,
    connect: async () => {
      const bounds = { ...defaultLimits, ...limits }
      const writer = createWriter(path, bounds)
      await translated(writer.open)
      const groups = createGroupCommit({ begin: writer.begin, maxWaiting: bounds.maxWaiting })
      return createAdapter(writer, groups, createReader(path, bounds))
    },
  }
}

function createAdapter(
  writer: SqliteWriter,
  groups: SqliteGroups,
  reader: SqliteReader,
): SqlDriverAdapter {
  const route: Route = (sql, action) => {
    switch (kindOf(sql)) {
      case 'read':
        return reader.read(action)
      case 'write':
        return groups.write(action)
      case 'bare':
        return writer.runBare(action)
    }
  }
  return {
    ...queryable(route),
    executeScript: (script) =>
      translated(() => writer.write((connection) => connection.script(script))),
    startTransaction: async (isolationLevel) => {
      refuseOtherLevels(isolationLevel)
      return createTransaction(await translated(writer.begin))
    },
    dispose: async () => {
      reader.close()
      await groups.settled()
      await translated(writer.close)
    },
  }
}

function createTransaction(transaction: SqliteTransaction): Transaction {
  return {
    ...queryable(async (_sql, action) => transaction.run(action)),
    // Prisma then leaves COMMIT and ROLLBACK to the two functions below.
    options: { usePhantomQuery: true },
    commit: () => translated(async () => transaction.commit()),
    rollback: () => translated(async () => transaction.rollback()),
    createSavepoint: (name) => runScript(`SAVEPOINT ${name}`),
    rollbackToSavepoint: (name) => runScript(`ROLLBACK TO ${name}`),
    releaseSavepoint: (name) => runScript(`RELEASE SAVEPOINT ${name}`),
  }

  function runScript(sql: string): Promise<void> {
    return translated(async () => transaction.run((connection) => connection.script(sql)))
  }
}

function queryable(route: Route) {
  return {
    ...identity,
    queryRaw: (query: SqlQuery) =>
      translated(async () => {
        const values = valuesOf(query)
        return toResultSet(await route(query.sql, (open) => open.query(query.sql, values)))
      }),
    executeRaw: (query: SqlQuery) =>
      translated(async () => {
        const values = valuesOf(query)
        return route(query.sql, (open) => open.execute(query.sql, values))
      }),
  }
}

function valuesOf({ args, argTypes }: SqlQuery) {
  return args.map((value, index) => toSqlite(value, argTypes[index]))
}

function toResultSet({ names, declared, rows }: Rows): SqlResultSet {
  const types = columnTypes(declared, rows)
  for (const row of rows) {
    types.forEach((type, column) => {
      row[column] = fromSqlite(row[column], type)
    })
  }
  return { columnNames: names, columnTypes: types, rows }
}

/**
 * Where a statement belongs: reads go to the reader, which refuses to write, so that a wrong
 * answer here is an error and never a write outside of the queue.
 */
function kindOf(sql: string): 'read' | 'write' | 'bare' {
  const [, word = ''] = /^\s*(?:--[^\n]*\n\s*|\/\*.*?\*\/\s*)*\(?\s*([a-z]+)/is.exec(sql) ?? []
  switch (word.toUpperCase()) {
    case 'SELECT':
    case 'VALUES':
    case 'EXPLAIN':
      return 'read'
    case 'WITH':
      return /\b(?:insert|update|delete|replace)\b/i.test(sql) ? 'write' : 'read'
    case 'PRAGMA':
      return 'bare'
    default:
      return 'write'
  }
}

function refuseOtherLevels(level: IsolationLevel | undefined): void {
  if (level && level !== 'SERIALIZABLE') {
    throw new DriverAdapterError({ kind: 'InvalidIsolationLevel', level })
  }
}

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw toAdapterError(error)
  }
}
