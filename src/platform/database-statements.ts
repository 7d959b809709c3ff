import {
  type ArgType,
  type ColumnType,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils'
import { hasSocketCode } from './database-errors.ts'
import type { Sql } from './database-sql.ts'

/**
 * Single statements as text, on the connections of Prisma's client but not through it: its part of a
 * small statement costs several times what the database's does. For the hot paths alone; types are
 * the caller's word, so a statement lists its columns.
 */
export type Statements = {
  /**
   * @returns the rows, with dates as `Date`; flags are numbers, and counts may be texts
   * @throws what the other calls of the database throw, see `database-errors.ts`
   */
  select<Row extends object>(statement: Sql): Promise<Row[]>
  /** @returns how many rows the statement changed; on MySQL those that it found and left as they were, too */
  execute(statement: Sql): Promise<number>
}

export function createStatements(connect: () => Promise<SqlQueryable>): Statements {
  return {
    async select<Row extends object>(statement: Sql) {
      const driver = await connect()
      return rowsOf<Row>(await driver.queryRaw(queryOf(statement)).catch(nameSocket))
    },
    async execute(statement) {
      const driver = await connect()
      return driver.executeRaw(queryOf(statement)).catch(nameSocket)
    },
  }
}

const DATE: ArgType = { scalarType: 'datetime', arity: 'scalar' }
const OTHER: ArgType = { scalarType: 'unknown', arity: 'scalar' }

function queryOf({ sql, values }: Sql): SqlQuery {
  return { sql, args: values, argTypes: values.map((it) => (it instanceof Date ? DATE : OTHER)) }
}

function rowsOf<Row>({ columnNames, columnTypes, rows }: SqlResultSet): Row[] {
  return rows.map((values) => {
    const row: Record<string, unknown> = {}
    columnNames.forEach((name, at) => {
      row[name] = fromDriver(values[at], columnTypes[at])
    })
    return row as Row
  })
}

function fromDriver(value: unknown, type: ColumnType | undefined): unknown {
  return type === ColumnTypeEnum.DateTime && typeof value === 'string' ? new Date(value) : value
}

/** Names the database for a socket that was cut off: a client's looks the same. */
function nameSocket(error: unknown): never {
  if (!hasSocketCode(error)) throw error
  throw new DriverAdapterError({ kind: 'ConnectionClosed', originalMessage: error.message })
}
