import {
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils'
import type { FieldInfo } from 'mariadb'

/** Rows with their columns, or else what a statement changed. */
type DriverResult = unknown[][] & {
  meta?: Column[]
  affectedRows?: number
  insertId?: bigint
}

/** The types of the driver lack the format, which MariaDB sends for JSON. */
type Column = Pick<FieldInfo, 'name' | 'flags' | 'collation'> & {
  type: string
  dataTypeFormat?: string
}

/** What Prisma's adapter has below its conversions: the statement, with its errors mapped. */
type Performing = { performIO: (query: SqlQuery) => Promise<DriverResult> }

/**
 * Converts results instead of Prisma's adapter, which parses, prints and edits each date, finds out
 * about the columns each time, and keeps its last hundred calls for a log that is off.
 */
export function convertResults(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const begin = adapter.startTransaction.bind(adapter)
  return Object.assign(convertOwn(adapter), {
    startTransaction: async (...level: Parameters<typeof begin>) =>
      convertOwn(await begin(...level)),
  })
}

function convertOwn<T extends SqlQueryable>(target: T): T {
  const { performIO } = target as unknown as Partial<Performing>
  if (performIO === undefined) throw new Error('@prisma/adapter-mariadb has no performIO')
  const perform = performIO.bind(target)
  const methods: Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> = {
    queryRaw: async (query) => toResultSet(await perform(query)),
    executeRaw: async (query) => (await perform(query)).affectedRows ?? 0,
  }
  return Object.assign(target, methods)
}

function toResultSet(result: DriverResult): SqlResultSet {
  const { meta } = result
  if (!meta) {
    const lastInsertId = result.insertId?.toString()
    return { columnNames: [], columnTypes: [], rows: [], ...(lastInsertId && { lastInsertId }) }
  }
  const { columnNames, columnTypes, conversions } = columnsOf(meta)
  for (const row of result) {
    for (const [at, convert] of conversions) row[at] = convert(row[at])
  }
  return { columnNames, columnTypes, rows: result }
}

type Columns = Pick<SqlResultSet, 'columnNames' | 'columnTypes'> & {
  conversions: [at: number, convert: (value: unknown) => unknown][]
}

// A prepared statement of MariaDB has its columns once. They change with the table, and are new.
const known = new WeakMap<Column[], Columns>()

function columnsOf(meta: Column[]): Columns {
  const found = known.get(meta)
  if (found) return found
  const columnTypes = meta.map(typeOf)
  const columns: Columns = {
    columnNames: meta.map((column) => column.name()),
    columnTypes,
    conversions: columnTypes.flatMap((type, at): Columns['conversions'] => {
      const convert = converters.get(type)
      return convert ? [[at, convert]] : []
    }),
  }
  known.set(meta, columns)
  return columns
}

const converters = new Map<ColumnType, (value: unknown) => unknown>([
  // The session is in UTC.
  [
    ColumnTypeEnum.DateTime,
    (value) => (typeof value === 'string' ? `${value.replace(' ', 'T')}Z` : value),
  ],
  [ColumnTypeEnum.Int64, (value) => (typeof value === 'bigint' ? value.toString() : value)],
])

const types: Record<string, ColumnType> = {
  TINY: ColumnTypeEnum.Int32,
  SHORT: ColumnTypeEnum.Int32,
  INT24: ColumnTypeEnum.Int32,
  INT: ColumnTypeEnum.Int32,
  YEAR: ColumnTypeEnum.Int32,
  NULL: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  FLOAT: ColumnTypeEnum.Float,
  DOUBLE: ColumnTypeEnum.Double,
  DECIMAL: ColumnTypeEnum.Numeric,
  NEWDECIMAL: ColumnTypeEnum.Numeric,
  DATETIME: ColumnTypeEnum.DateTime,
  TIMESTAMP: ColumnTypeEnum.DateTime,
  DATE: ColumnTypeEnum.Date,
  TIME: ColumnTypeEnum.Time,
  JSON: ColumnTypeEnum.Json,
  BIT: ColumnTypeEnum.Bytes,
}

const UNSIGNED = 1 << 5
const BINARY_COLLATION = 63

function typeOf({ type, flags, dataTypeFormat, collation }: Column): ColumnType {
  if (type === 'INT' && flags & UNSIGNED) return ColumnTypeEnum.Int64
  const byName = types[type]
  if (byName !== undefined) return byName
  if (dataTypeFormat === 'json') return ColumnTypeEnum.Json
  return collation.index === BINARY_COLLATION ? ColumnTypeEnum.Bytes : ColumnTypeEnum.Text
}
