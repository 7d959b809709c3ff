type Mapped = {
  kind: string
  code?: unknown
  extendedCode?: unknown
  constraint?: { fields?: string[]; index?: string }
}

/**
 * Whether a unique index refused the statement, on either database.
 * @param field the column, such as `usernameKey`; without it any unique index
 */
export function isUniqueViolation(error: unknown, field?: string): boolean {
  const mapped = mappedError(error)
  if (mapped?.kind !== 'UniqueConstraintViolation') return false
  if (field === undefined) return true
  const { fields, index } = mapped.constraint ?? {}
  return fields?.includes(field) ?? fieldsOfIndex(index).includes(field)
}

/** Whether the statement refers to a row that is not there, on either database. */
export function isForeignKeyViolation(error: unknown): boolean {
  return mappedError(error)?.kind === 'ForeignKeyConstraintViolation'
}

/**
 * Whether the database is away, locked, full, too slow, or undid the statement for another one. The statement may have been carried
 * out or not; whoever repeats it must be able to live with both.
 */
export function isUnavailable(error: unknown): boolean {
  if (isConflict(error)) return true
  const mapped = mappedError(error)
  if (mapped) return unavailableKinds.has(mapped.kind) || isAwayByCode(mapped)
  return unavailableCodes.has(String(codeOf(error))) || isDriverFault(error) || isSocketFault(error)
}

/** Whether the database undid the statement or the transaction for the sake of another one: repeat it. */
export function isConflict(error: unknown): boolean {
  const mapped = mappedError(error)
  if (!mapped) return codeOf(error) === 'P2034'
  return (
    mapped.kind === 'TransactionWriteConflict' ||
    (mapped.kind === 'mysql' && mapped.code === changedSinceLastRead)
  )
}

// Prisma's names: P1001 not reachable, P1008 timed out, P1017 connection closed, P2024 no
// connection from the pool, P2028 transaction not begun or not ended in time, P2037 too many connections.
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

// SQLite: READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
const awaySqlite = new Set([8, 10, 13, 14, 15])

const changedSinceLastRead = 1020

// MySQL and MariaDB: shutdown, connection lost, lock wait timeout, read-only server (a failover
// is under way), disk full, statement time limit; 45xxx are the driver's own (socket, connect, pool).
const awayMysql = new Set([
  1021, 1040, 1053, 1077, 1078, 1080, 1114, 1152, 1158, 1159, 1160, 1161, 1205, 1290, 1317, 1836,
  1927, 1969, 2002, 2006, 2013, 3024, 3100, 4031, 45_001, 45_004, 45_009, 45_012, 45_013, 45_015,
  45_019, 45_026, 45_027, 45_028, 45_029, 45_030, 45_033, 45_035, 45_037, 45_039, 45_042, 45_060,
  45_061,
])

function isAwayByCode({ kind, code, extendedCode }: Mapped): boolean {
  if (kind === 'sqlite')
    return typeof extendedCode === 'number' && awaySqlite.has(extendedCode & 0xff)
  return kind === 'mysql' && typeof code === 'number' && isAwayOnMysql(code)
}

function isAwayOnMysql(code: number): boolean {
  // Below zero are the operating system's: connection refused, reset, timed out, host unknown.
  return code < 0 || awayMysql.has(code)
}

// What a socket of the driver throws when it is cut off in the middle of a statement. Prisma passes it
// on as an error of its own; a client that hangs up has the same codes, and is another matter.
const socketCodes = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

function isSocketFault(error: unknown): boolean {
  return Object(error).clientVersion !== undefined && hasSocketCode(error)
}

/** Whether a socket was cut off, of the database's or of somebody else. */
export function hasSocketCode(error: unknown): error is Error {
  return socketCodes.has(String(codeOf(error)))
}

// What the MySQL driver throws when there is no answer of the server that could be mapped.
function isDriverFault(error: unknown): boolean {
  return (
    error instanceof Error &&
    'sqlState' in error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    isAwayOnMysql(error.errno)
  )
}

// Prisma keeps what the adapter said in `meta`; a failed COMMIT comes as the adapter's own error.
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
