import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mariadb'
import { startDatabase } from '../../scripts/throwaway-mysql.mjs'
import type { Leavings } from './leavings.ts'
import { usageOf } from './proc.ts'
import type { Database } from './results.ts'

/** Where Latchkey's data lies during a run. */
export type Databases = {
  kind: Database
  version: string
  /** The address of an empty database; undefined where each server has a file in its own folder. */
  fresh: () => Promise<string | undefined>
  /** Processor time so far of a database that is a process of its own. */
  cpuSeconds: () => number
}

export const sqliteFiles: Databases = {
  kind: 'sqlite',
  version: 'a SQLite file in WAL mode, synchronous=FULL',
  fresh: async () => undefined,
  cpuSeconds: () => 0,
}

/**
 * Starts a MariaDB or MySQL server that syncs every commit.
 * @throws Error when none is installed
 */
export async function startMysql(scratch: string, leavings: Leavings): Promise<Databases> {
  const folder = join(scratch, 'mysql-server')
  mkdirSync(folder)
  const server = await startDatabase(folder, { isDurable: true })
  if (!server) throw new Error('No mariadbd or mysqld is installed.')
  leavings.add(server.stop)
  let count = 0
  return {
    kind: 'mysql',
    version: await describe(server.url),
    fresh: async () => {
      const name = `latchkey_bench_${++count}`
      await query(server.url, `CREATE DATABASE ${name}`)
      return new URL(`/${name}`, server.url).href
    },
    cpuSeconds: () => usageOf(server.pid).cpuSeconds,
  }
}

async function describe(url: string): Promise<string> {
  const [row] = await query<{ version: string; flush: number; double: unknown; method: string }>(
    url,
    `SELECT VERSION() AS version, @@innodb_flush_log_at_trx_commit AS flush,
      @@innodb_doublewrite AS \`double\`, @@innodb_flush_method AS method`,
  )
  if (!row) throw new Error('The database tells nothing of itself.')
  const product = /mariadb/i.test(row.version) ? 'MariaDB' : 'MySQL'
  return `${product} ${row.version}, innodb_flush_log_at_trx_commit=${row.flush}, innodb_doublewrite=${row.double}, innodb_flush_method=${row.method}`
}

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const { hostname: host, port, username: user } = new URL(url)
  const connection = await createConnection({ host, port: Number(port), user })
  try {
    return await connection.query<Row[]>(sql)
  } finally {
    await connection.end()
  }
}
