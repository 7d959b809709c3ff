import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
} from '@prisma/driver-adapter-utils'
import { retryConflicts } from './transactions.ts'

type PoolOptions = Exclude<ConstructorParameters<typeof PrismaMariaDb>[0], string>

const statementSeconds = 5
const lockWaitSeconds = 3

// REPEATABLE READ although READ COMMITTED has fewer locks: only here does INSERT … SELECT lock
// the row that it reads, so that a session cannot slip in beside a change of its user's password.
// The time limit has another name on either server; each skips the comment of the other.
const sessionSettings = [
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  `SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = ${lockWaitSeconds}` +
    ` /*M!100103 , max_statement_time = ${statementSeconds} */` +
    ` /*!80000 , max_execution_time = ${statementSeconds * 1000} */`,
]

/**
 * Prisma's adapter for MySQL and MariaDB, with a bound on everything. A statement on its own that
 * loses a deadlock is sent again; transactions are up to `inTransaction`.
 */
export function createMysqlAdapter(url: string): SqlDriverAdapterFactory {
  const factory = new PrismaMariaDb({
    ...connectionOptions(url),
    connectionLimit: 10,
    // Idle connections end by the socket's time limit below; only one is renewed for that.
    minimumIdle: 1,
    prepareCacheLength: 256,
    initSql: sessionSettings,
  })
  const { provider, adapterName } = factory
  return { provider, adapterName, connect: async () => repeating(await factory.connect()) }
}

// Ending one session can lose against a change of password, which locks many: MySQL finds the live ones
// of a user among those of everybody where that looks shorter.
function repeating(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter)
  const executeRaw = adapter.executeRaw.bind(adapter)
  return Object.assign(adapter, {
    queryRaw: (query: SqlQuery) => retryConflicts(() => queryRaw(query)),
    executeRaw: (query: SqlQuery) => retryConflicts(() => executeRaw(query)),
  })
}

/** The same for migrations: one connection that may take its time and several statements at once. */
export function createMysqlMigrationAdapter(url: string): PrismaMariaDb {
  return new PrismaMariaDb({
    ...connectionOptions(url),
    connectionLimit: 1,
    multipleStatements: true,
    socketTimeout: 3_600_000,
    initSql: [`SET SESSION time_zone = '+00:00'`],
  })
}

function connectionOptions(url: string): PoolOptions {
  const { hostname, port, username, password, pathname, searchParams } = parseUrl(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 3306 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: 'utf8mb4',
    timezone: 'Z',
    // Counts of changed rows mean rows that the condition found.
    foundRows: true,
    connectTimeout: 3_000,
    acquireTimeout: 4_000,
    // A server that fell silent: its own time limit above comes first when it lives.
    socketTimeout: 6_000,
    ...settings(searchParams),
  }
}

const isTrue = (value: string) => value === 'true'

// The settings of a connection that a URL may carry, as Prisma and the driver call them.
function settings(parameters: URLSearchParams): PoolOptions {
  const options: PoolOptions = {}
  for (const [name, value] of parameters) {
    switch (name) {
      case 'ssl':
        options.ssl = isTrue(value)
        break
      case 'allowPublicKeyRetrieval':
        options.allowPublicKeyRetrieval = isTrue(value)
        break
      default:
        throw new Error(
          `DATABASE_URL has an unknown parameter: ${name}. Known are ssl and allowPublicKeyRetrieval.`,
        )
    }
  }
  return options
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed?.hostname || parsed.pathname.length < 2) {
    throw new Error('DATABASE_URL must look like mysql://user:password@host:3306/database.')
  }
  return parsed
}
