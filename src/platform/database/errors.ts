import { type Meaning, meaningOf } from './mysql/errors.ts'

type Mapped = {
  kind: string
  code?: unknown
  extendedCode?: unknown
  originalCode?: unknown
  originalMessage?: unknown
  constraint?: { fields?: string[]; index?: string }
}

/** @param field such as `usernameKey`; without it any unique index */
export function isUniqueViolation(error: unknown, field?: string): boolean {
  const mapped = mappedError(error)
  if (mapped?.kind !== 'UniqueConstraintViolation') return false
  if (field === undefined) return true
  const { fields, index } = mapped.constraint ?? {}
  return fields?.includes(field) ?? fieldsOfIndex(index).includes(field)
}

/** Whether the database is away, locked, full or too slow. The statement may have been executed. */
export function isUnavailable(error: unknown): boolean {
  if (isConflict(error)) return true
  const mapped = mappedError(error)
  if (mapped) return unavailableKinds.has(mapped.kind) || meaningIn(mapped) !== undefined
  return unavailableCodes.has(String(codeOf(error))) || isDriverError(error) || isSocketError(error)
}

/** Whether another process holds the file of SQLite. */
export function isLocked(error: unknown): boolean {
  const mapped = mappedError(error)
  return mapped?.kind === 'SocketTimeout' && meaningIn(mapped) === undefined
}

/** Whether the database rolled it back for another transaction: retry it. */
export function isConflict(error: unknown): boolean {
  const mapped = mappedError(error)
  if (!mapped) return codeOf(error) === 'P2034'
  return mapped.kind === 'TransactionWriteConflict' || meaningIn(mapped) === 'conflict'
}

/** Whether the connection is of no more use. */
export function condemnsConnection(error: unknown): boolean {
  const meaning = meaningIn(mappedError(error))
  return meaning === 'condemned' || meaning === 'readOnly'
}

/** Whether the database accepts no writes, or none from this user. */
export function refusesWrites(error: unknown): boolean {
  const meaning = meaningIn(mappedError(error))
  return meaning === 'readOnly' || meaning === 'full' || meaning === 'denied'
}

// P1008 timed out, P2024 no connection from the pool, P2028 transaction too slow.
const unavailableCodes = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P1018',
  'P2024',
  'P2028',
  'P2037',
])

const unavailableKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionAlreadyClosed',
])

// READONLY, IOERR, FULL; CANTOPEN, PROTOCOL.
const sqliteMeanings = new Map<number, Meaning>([
  [8, 'readOnly'],
  [10, 'full'],
  [13, 'full'],
  [14, 'away'],
  [15, 'away'],
])

function meaningIn(mapped: Mapped | undefined): Meaning | undefined {
  const { kind, code, extendedCode, originalCode, originalMessage } = mapped ?? {}
  if (kind === 'sqlite') return sqliteMeanings.get(Number(extendedCode) & 0xff)
  // Where Prisma has a name for the error, its number is only beside it.
  const number = kind === 'mysql' ? code : originalCode
  return meaningOf(Number(number), String(originalMessage))
}

// Errors of the driver's socket. A client that hangs up has the same codes.
const socketCodes = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

function isSocketError(error: unknown): boolean {
  return Object(error).clientVersion !== undefined && hasSocketCode(error)
}

/** Whether any socket was cut off, the database's or another. */
export function hasSocketCode(error: unknown): error is Error {
  return socketCodes.has(String(codeOf(error)))
}

// The MySQL driver throws these when the server does not answer.
function isDriverError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'sqlState' in error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    meaningOf(error.errno) !== undefined
  )
}

// Prisma keeps the adapter's error in `meta`; a failed COMMIT throws it as it is.
function mappedError(error: unknown): Mapped | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'DriverAdapterError') return error.cause as Mapped
  const meta =
    'meta' in error ? (error.meta as { driverAdapterError?: Error } | undefined) : undefined
  return meta?.driverAdapterError?.cause as Mapped | undefined
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

// "User_usernameKey_key" as Prisma names it; the primary key is PRIMARY on MySQL.
function fieldsOfIndex(index = ''): string[] {
  if (index === 'PRIMARY') return ['id']
  return index.replace(/_key$/, '').split('_').slice(1)
}
