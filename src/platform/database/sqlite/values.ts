import { type ArgType, type ColumnType, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { invalidValue } from './errors.ts'

/** Any other value would end the process in `libsql`. */
export type SqliteValue = null | bigint | number | string | Buffer

/** Dates become milliseconds since 1970. @throws DriverAdapterError (P2007) */
export function toSqlite(value: unknown, type: ArgType | undefined): SqliteValue {
  if (value === null) return null
  switch (typeof value) {
    case 'string':
      return fromText(value, type?.scalarType)
    case 'number':
      return Number.isSafeInteger(value) && type?.scalarType !== 'float' ? BigInt(value) : value
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1n : 0n
    default:
      return fromObject(value)
  }
}

function fromText(text: string, scalarType: ArgType['scalarType'] | undefined): SqliteValue {
  switch (scalarType) {
    case 'datetime':
      return fromDate(new Date(text))
    case 'int':
    case 'bigint':
      return BigInt(text)
    case 'float':
    case 'decimal':
      return Number(text)
    case 'bytes':
      return Buffer.from(text, 'base64')
    default:
      return plainText(text)
  }
}

// libsql reads a text only up to its first NUL.
function plainText(text: string): string {
  if (text.includes('\0')) throw invalidValue('A text with a NUL character cannot be stored.')
  return text
}

function fromObject(value: unknown): SqliteValue {
  if (value instanceof Date) return fromDate(value)
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  throw invalidValue(`A value of type ${typeof value} cannot be stored.`)
}

function fromDate(date: Date): bigint {
  const milliseconds = date.getTime()
  if (Number.isNaN(milliseconds)) throw invalidValue('An invalid date cannot be stored.')
  return BigInt(milliseconds)
}

// Type names of Prisma's migrations and of SQLite.
const declaredTypes: Record<string, ColumnType> = {
  INTEGER: ColumnTypeEnum.Int32,
  INT: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  BOOLEAN: ColumnTypeEnum.Boolean,
  DATETIME: ColumnTypeEnum.DateTime,
  TEXT: ColumnTypeEnum.Text,
  REAL: ColumnTypeEnum.Double,
  DECIMAL: ColumnTypeEnum.Numeric,
  BLOB: ColumnTypeEnum.Bytes,
  JSONB: ColumnTypeEnum.Json,
}

/** The declared type, or that of the first value of an expression. */
export function columnTypes(declared: (string | null)[], rows: unknown[][]): ColumnType[] {
  return declared.map((name, column) => {
    const known = name === null ? undefined : declaredTypes[name.toUpperCase()]
    return known ?? inferType(rows.find((row) => row[column] !== null)?.[column])
  })
}

function inferType(value: unknown): ColumnType {
  switch (typeof value) {
    case 'string':
      return ColumnTypeEnum.Text
    case 'bigint':
      return ColumnTypeEnum.Int64
    case 'number':
      return ColumnTypeEnum.UnknownNumber
    case 'object':
      return ColumnTypeEnum.Bytes
    default:
      return ColumnTypeEnum.Int32
  }
}

/** Whether a column's integers may be too large for a JavaScript number. */
export function mayBeLarge(declared: string | null): boolean {
  return declared === null || declaredTypes[declared.toUpperCase()] === ColumnTypeEnum.Int64
}

export function fromSqlite(value: unknown, type: ColumnType): unknown {
  if (
    type === ColumnTypeEnum.DateTime &&
    (typeof value === 'number' || typeof value === 'bigint')
  ) {
    return new Date(Number(value)).toISOString()
  }
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  return value
}
