import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import type { GroupingAdapter } from '../adapter-calls.ts'
import type { ConnectionFigures, CountingFactory } from '../connection-figures.ts'
import type { SqliteLimits } from './busy.ts'
import type { Rows, SqliteConnection } from './connection.ts'
import { toAdapterError } from './errors.ts'
import { createGroupCommit, type SqliteGroups } from './group-commit.ts'
import { createReader, type SqliteReader } from './reader.ts'
import { columnTypes, fromSqlite, toSqlite } from './values.ts'
import { createWriter, type SqliteTransaction, type SqliteWriter } from './writer.ts'

const identity = { provider: 'sqlite', adapterName: 'latchkey-libsql' } as const

// Slightly below Prisma's timeout (5 s), so that the error names the cause.
const defaultLimits: SqliteLimits = {
  waitMs: 4_500,
  maxWaiting: 1_000,
  transactionMs: 15_000,
}

type Action<T> = (connection: SqliteConnection) => T
type Route = <T>(sql: string, action: Action<T>) => Promise<T>

/**
 * Prisma's adapter over synchronous `libsql`: one connection writes, one reads. Prisma's own share
 * one with transactions, or never close it. @param path of an existing file
 */
export function createSqliteAdapter(
  path: string,
  limits: Partial<SqliteLimits> = {},
): CountingFactory {
  let connections: CountingFactory['connections'] = () => ({ inUse: 0, idle: 0, waiting: 0 })
  return {
    ...identity,
    connections: () => connections(),
    connect: async () => {
      const bounds = { ...defaultLimits, ...limits }
      const writer = createWriter(path, bounds)
      await translated(writer.open)
      const groups = createGroupCommit({ begin: writer.begin, maxWaiting: bounds.maxWaiting })
      connections = () => figuresOf(writer, groups)
      return createAdapter(writer, groups, createReader(path, bounds))
    },
  }
}

/** Of the writer: the reader answers at once. */
function figuresOf(writer: SqliteWriter, groups: SqliteGroups): ConnectionFigures {
  const inUse = writer.isLocked() ? 1 : 0
  return { inUse, idle: 1 - inUse, waiting: writer.waitingCount() + groups.waitingCount() }
}

function createAdapter(
  writer: SqliteWriter,
  groups: SqliteGroups,
  reader: SqliteReader,
): GroupingAdapter {
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
    executeAll: (queries) => translated(() => groups.write((open) => allOrNone(open, queries))),
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

/** Runs statements as one unit, inside a shared transaction. */
function allOrNone(open: SqliteConnection, queries: readonly SqlQuery[]): boolean {
  open.script('SAVEPOINT together')
  let isWhole = false
  try {
    isWhole = queries.every((query) => open.execute(query.sql, valuesOf(query)) > 0)
  } finally {
    endTogether(open, isWhole)
  }
  return isWhole
}

function endTogether(open: SqliteConnection, isWhole: boolean): void {
  // An error that rolled everything back, such as a full disk, leaves no savepoint.
  if (!open.isInTransaction()) return
  if (!isWhole) open.script('ROLLBACK TO together')
  open.script('RELEASE together')
}

function createTransaction(transaction: SqliteTransaction): Transaction {
  return {
    ...queryable(async (_sql, action) => transaction.run(action)),
    // Leaves COMMIT and ROLLBACK to the functions below.
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

/** The reader cannot write, so a wrong guess is only an error. */
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
