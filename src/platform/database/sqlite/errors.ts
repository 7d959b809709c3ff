import { DriverAdapterError } from '@prisma/driver-adapter-utils'

// Prisma's type, which its package does not export.
export type MappedError = ConstructorParameters<typeof DriverAdapterError>[0]

type SqliteError = Error & { code: string; rawCode: number }

const busy = 5
const locked = 6

/** SQLITE_BUSY or SQLITE_LOCKED: another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [busy, locked].includes(error.rawCode & 0xff)
}

/** Maps errors of `libsql` to Prisma's; others pass unchanged. */
export function toAdapterError(error: unknown): unknown {
  if (!isSqliteError(error)) return error
  return new DriverAdapterError({
    originalCode: error.code,
    originalMessage: error.message,
    ...mapError(error),
  })
}

/** Prisma's P1008. */
export function waitTimedOut(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'SocketTimeout',
    originalMessage: 'The database stayed locked until the time limit.',
  })
}

/** Prisma's P2037. */
export function queueIsFull(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'TooManyConnections',
    cause: 'too many statements are waiting for the database',
  })
}

/** Prisma's P1018: the transaction ended before the statement. */
export function transactionIsOver(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'TransactionAlreadyClosed',
    cause: 'The transaction has ended; the statement came too late.',
  })
}

/** Prisma's P2007. */
export function invalidValue(message: string): DriverAdapterError {
  return new DriverAdapterError({ kind: 'InvalidInputValue', message })
}

function mapError(error: SqliteError): MappedError {
  switch (error.code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
      return { kind: 'UniqueConstraintViolation', ...constrainedFields(error.message) }
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return { kind: 'NullConstraintViolation', ...constrainedFields(error.message) }
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case 'SQLITE_CONSTRAINT_TRIGGER':
      return { kind: 'ForeignKeyConstraintViolation', constraint: { foreignKey: {} } }
    default:
      return isBusy(error) ? { kind: 'SocketTimeout' } : mapMessage(error)
  }
}

function mapMessage({ message, rawCode }: SqliteError): MappedError {
  const table = /^no such table: (.+)$/.exec(message)?.[1]
  if (table) return { kind: 'TableDoesNotExist', table }
  const column = /(?:^no such column: |has no column named )(.+)$/.exec(message)?.[1]
  if (column) return { kind: 'ColumnNotFound', column }
  return { kind: 'sqlite', extendedCode: rawCode, message }
}

// "UNIQUE constraint failed: User.usernameKey, User.emailKey"
function constrainedFields(message: string): { constraint?: { fields: string[] } } {
  const list = message.split('constraint failed: ')[1]
  if (!list) return {}
  return {
    constraint: { fields: list.split(', ').map((name) => name.slice(name.indexOf('.') + 1)) },
  }
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'rawCode' in error && typeof error.rawCode === 'number'
}
