import {
  type ArgType,
  type ColumnType,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils'
import type { GroupingAdapter } from './adapter-calls.ts'
import { hasSocketCode } from './errors.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { Sql } from './sql.ts'

/**
 * Raw statements on the connections of Prisma's client, for the hot paths: Prisma costs several
 * times the database. The caller states the types, so a statement lists its columns.
 */
export type Statements = {
  /** @returns dates as `Date`; flags are numbers, and counts may be texts */
  select<Row extends object>(statement: Sql): Promise<Row[]>
  /** @returns changed rows; on MySQL also those found and left equal */
  execute(statement: Sql): Promise<number>
  /**
   * Executes all in one transaction, rolled back once one finds no row. Retries conflicts.
   * @returns whether all found one, and are committed
   */
  executeAll(statements: readonly Sql[]): Promise<boolean>
}

export function createStatements(connect: () => Promise<GroupingAdapter>): Statements {
  async function executeOnce(statements: readonly Sql[]): Promise<boolean> {
    const driver = await connect()
    if (driver.executeAll) return driver.executeAll(statements.map(queryOf)).catch(nameSocket)
    const transaction = await driver.startTransaction().catch(nameSocket)
    let isWhole = false
    try {
      isWhole = await findsRows(transaction, statements)
    } finally {
      // A broken connection cannot roll back; throw the first error.
      if (!isWhole) await transaction.rollback().catch(() => undefined)
    }
    if (isWhole) await transaction.commit().catch(nameSocket)
    return isWhole
  }

  return {
    executeAll: (statements) => retryConflicts(() => executeOnce(statements)),
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

async function findsRows(transaction: SqlQueryable, statements: readonly Sql[]): Promise<boolean> {
  for (const statement of statements) {
    const count = await transaction.executeRaw(queryOf(statement)).catch(nameSocket)
    if (count === 0) return false
  }
  return true
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

/** Marks the cut-off socket as the database's; a client's looks the same. */
function nameSocket(error: unknown): never {
  if (!hasSocketCode(error)) throw error
  throw new DriverAdapterError({ kind: 'ConnectionClosed', originalMessage: error.message })
}
