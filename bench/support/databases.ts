import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mariadb'
import { startDatabase } from '../../scripts/throwaway-mysql.mjs'
import { openConnection } from '../../src/platform/database/sqlite/connection.ts'
import { usageOf } from './process-usage.ts'
import type { Workspace } from './workspace.ts'

/** What a million users with all that belongs to them fit into, or half of what is free. */
const POOL_BYTES = 6 * 1024 ** 3
const LOG_BYTES = 1024 ** 3

/** Empty databases of one kind, as many as are asked for. */
export type Databases = {
  kind: 'sqlite' | 'mysql'
  /** The database by its own words. */
  version: string
  /** How it syncs its commits. */
  durability: string
  /** @returns the address of a new database */
  create: (name: string) => Promise<string>
  /** The bytes that a database takes on the disk, without what waits in a log. */
  bytes: (name: string) => number
  /** Processor time so far of a database that is a process of its own. */
  cpuSeconds: () => number
}

/** Both kinds, unless the options name one. @throws Error when MariaDB is asked for and missing */
export async function* chosenDatabases(
  { sqlite = false, mysql = false }: { sqlite?: boolean; mysql?: boolean },
  workspace: Workspace,
): AsyncGenerator<Databases> {
  if (sqlite || !mysql) yield sqliteFiles(workspace)
  if (mysql || !sqlite) yield await startMysql(workspace)
}

export function sqliteFiles({ folder }: Pick<Workspace, 'folder'>): Databases {
  const pathOf = (name: string) => join(folder, `${name}.db`)
  return {
    kind: 'sqlite',
    version: `SQLite ${sqliteVersion(pathOf('version'))}`,
    durability: 'a SQLite file in WAL mode, synchronous=FULL',
    create: async (name) => `file:${pathOf(name)}`,
    bytes: (name) => statSync(pathOf(name)).size,
    cpuSeconds: () => 0,
  }
}

function sqliteVersion(path: string): unknown {
  const { query: run, close } = openConnection(path, { readOnly: false })
  const { rows } = run('SELECT sqlite_version()', [])
  close()
  return rows[0]?.[0]
}

/**
 * Starts a temporary MySQL or MariaDB that syncs every commit, with room for a million users.
 * @throws Error when none is installed
 */
export async function startMysql({ folder, onClose }: Workspace): Promise<Databases> {
  const own = mkdtempSync(join(folder, 'mysql-'))
  const server = await startDatabase(own, { isDurable: true })
  if (!server) {
    throw new Error('no mariadbd or mysqld is installed (Debian: apt-get install mariadb-server)')
  }
  onClose(server.stop)
  const pool = Math.min(POOL_BYTES, Math.floor(freemem() / 2))
  await query(server.url, `SET GLOBAL innodb_buffer_pool_size = ${pool}`)
  await query(server.url, `SET GLOBAL innodb_log_file_size = ${LOG_BYTES}`).catch(() => {})
  const { version, pool: poolBytes, ...sync } = await describe(server.url)
  const product = /mariadb/i.test(version) ? 'MariaDB' : 'MySQL'
  const poolMb = Math.round(Number(poolBytes) / 1024 ** 2)
  return {
    kind: 'mysql',
    version: `${product} ${version} with a buffer pool of ${poolMb} MiB`,
    durability: `${product} ${version}, innodb_flush_log_at_trx_commit=${sync.flush}, innodb_doublewrite=${sync.double}, innodb_flush_method=${sync.method}`,
    create: async (name) => {
      await query(server.url, `CREATE DATABASE ${name}`)
      return new URL(`/${name}`, server.url).href
    },
    bytes: (name) => folderBytes(join(own, 'mysql', name)),
    cpuSeconds: () => usageOf(server.pid).cpuSeconds,
  }
}

type Description = Record<'version' | 'flush' | 'double' | 'method' | 'pool', string>

async function describe(url: string): Promise<Description> {
  const [row] = await query<Description>(
    url,
    `SELECT VERSION() AS version, @@innodb_flush_log_at_trx_commit AS flush,
      @@innodb_doublewrite AS \`double\`, @@innodb_flush_method AS method,
      @@innodb_buffer_pool_size AS pool`,
  )
  if (!row) throw new Error('the database does not describe itself')
  return row
}

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const { hostname: host, port, username: user } = new URL(url)
  const connection = await createConnection({ host, port: Number(port), user })
  return connection.query<Row[]>(sql).finally(() => connection.end())
}

function folderBytes(folder: string): number {
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size)
  return sizes.reduce((sum, size) => sum + size, 0)
}
