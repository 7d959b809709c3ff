import { DriverAdapterError } from '@prisma/driver-adapter-utils'

// What Prisma's adapters call a mapped error; the package does not export the name.
export type MappedError = ConstructorParameters<typeof DriverAdapterError>[0]

type SqliteFault = Error & { code: string; rawCode: number }

const busy = 5
const locked = 6

/** Whether another connection held a lock that the statement needed (SQLITE_BUSY, SQLITE_LOCKED). */
export function isBusy(error: unknown): boolean {
  return isSqliteFault(error) && [busy, locked].includes(error.rawCode & 0xff)
}

/**
 * Turns what `libsql` throws into what Prisma understands.
 * @returns an error to throw; anything that is not SQLite's passes unchanged
 */
export function toAdapterError(error: unknown): unknown {
  if (!isSqliteFault(error)) return error
  return new DriverAdapterError({
    originalCode: error.code,
    originalMessage: error.message,
    ...mapFault(error),
  })
}

/** The writer was not free in time: Prisma's P1008. */
export function waitTimedOut(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'SocketTimeout',
    originalMessage: 'The database stayed locked until the time limit.',
  })
}

/** The queue for the writer is full: Prisma's P2037. */
export function queueIsFull(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'TooManyConnections',
    cause: 'too many statements are waiting for the database',
  })
}

/** The transaction ended before the statement came: Prisma's P1018. */
export function transactionIsOver(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'TransactionAlreadyClosed',
    cause: 'The transaction is over; the statement came too late.',
  })
}

/** The caller passed a value that SQLite cannot store: Prisma's P2007. */
export function invalidValue(message: string): DriverAdapterError {
  return new DriverAdapterError({ kind: 'InvalidInputValue', message })
}

function mapFault(error: SqliteFault): MappedError {
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

function mapMessage({ message, rawCode }: SqliteFault): MappedError {
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

function isSqliteFault(error: unknown): error is SqliteFault {
  return error instanceof Error && 'rawCode' in error && typeof error.rawCode === 'number'
}
