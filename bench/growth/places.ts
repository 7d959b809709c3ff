import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mariadb'
import { startDatabase } from '../../scripts/throwaway-mysql.mjs'
import type { OpenDatabase } from '../../src/platform/database.ts'
import { openConnection } from '../../src/platform/sqlite-connection.ts'
import { whileBusy } from '../../src/platform/sqlite-writer.ts'

const BUSY_MS = 5000
/** What a million users with all that belongs to them fit into, or half of what is free. */
const POOL_BYTES = 6 * 1024 ** 3
const LOG_BYTES = 1024 ** 3

type Value = string | number | Date | null
/** Rows of one table; all of them have the same columns. */
export type Row = Record<string, Value>

/** A connection to the database itself, past the server: to fill it, and to look at it. */
export type Raw = {
  provider: OpenDatabase['provider']
  /** Inserts many rows in one transaction, the fastest way there is. */
  insert: (table: string, rows: readonly Row[]) => Promise<void>
  query: (sql: string) => Promise<Record<string, unknown>[]>
  close: () => Promise<void>
}

/** An empty database of its own for each world. */
export type Place = {
  url: (name: string) => Promise<string>
  raw: (name: string) => Promise<Raw>
  /** The bytes that a database takes on the disk, once all that was committed is in its place. */
  bytes: (name: string) => Promise<number>
  /** Lets the database be as it is some time later: InnoDB counts its rows anew, SQLite never does. */
  settle: (name: string) => Promise<void>
  /** The database by its own words, and how much memory it keeps pages in. */
  version: string
  close: () => Promise<void>
}

/** Databases in files of a folder. */
export async function sqlitePlace(folder: string): Promise<Place> {
  const pathOf = (name: string) => join(folder, `${name}.db`)
  const raw = async (name: string) => sqliteRaw(pathOf(name))
  const settle = async (name: string) => {
    const connection = await raw(name)
    await connection.query('PRAGMA wal_checkpoint(TRUNCATE)')
    await connection.close()
  }
  const probe = sqliteRaw(pathOf('probe'))
  const [row] = await probe.query('SELECT sqlite_version() AS version')
  await probe.close()
  return {
    url: async (name) => `file:${pathOf(name)}`,
    raw,
    settle,
    bytes: async (name) => {
      await settle(name)
      return statSync(pathOf(name)).size
    },
    version: `SQLite ${row?.version}`,
    close: async () => {},
  }
}

function sqliteRaw(path: string): Raw {
  const { query, execute, close } = openConnection(path, { readOnly: false })
  return {
    provider: 'sqlite',
    // One value for all: a statement for each row takes three times as long.
    insert: async (table, rows) => {
      const names = Object.keys(rows[0] ?? {})
      const values = names.map((_, at) => `value ->> ${at}`)
      const json = JSON.stringify(
        rows.map((row) => names.map((name) => asNumber(row[name] ?? null))),
      )
      const sql = `INSERT INTO "${table}" ("${names.join('", "')}")
        SELECT ${values.join(', ')} FROM json_each(?)`
      // The servers on the same file write now and then.
      await whileBusy(() => execute(sql, [json]), performance.now() + BUSY_MS)
    },
    query: async (sql) => {
      const { names, rows } = query(sql, [])
      return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])))
    },
    close: async () => close(),
  }
}

const asNumber = (value: Value) => (value instanceof Date ? value.getTime() : value)

/**
 * Databases on a MariaDB server of its own, with durable settings, and with a buffer pool and a redo log
 * for a million users.
 * @throws Error when it is not installed
 */
export async function mariadbPlace(folder: string): Promise<Place> {
  const server = await startDatabase(folder, { isDurable: true })
  if (!server) throw new Error('MariaDB is not installed (Debian: apt-get install mariadb-server).')
  const urlOf = (name: string) => new URL(`/${name}`, server.url).href
  const raw = (name: string) => mariadbRaw(urlOf(name), join(folder, 'mysql'))
  const admin = await raw('mysql')
  const pool = Math.min(POOL_BYTES, Math.floor(freemem() / 2))
  await admin.query(`SET GLOBAL innodb_buffer_pool_size = ${pool}`)
  await admin.query(`SET GLOBAL innodb_log_file_size = ${LOG_BYTES}`)
  const [row] = await admin.query('SELECT VERSION() AS v, @@innodb_buffer_pool_size AS pool')
  return {
    url: async (name) => {
      await admin.query(`CREATE DATABASE ${name}`)
      return urlOf(name)
    },
    raw,
    settle: async (name) => {
      const connection = await raw(name)
      await connection.query('ANALYZE TABLE `User`, `Session`, `AuditEvent`')
      await connection.close()
    },
    bytes: async (name) => folderBytes(join(folder, 'mysql', name)),
    version: `MariaDB ${row?.v} with a buffer pool of ${Math.round(Number(row?.pool) / 1024 ** 2)} MiB`,
    close: async () => {
      await admin.close()
      await server.stop()
    },
  }
}

async function mariadbRaw(url: string, data: string): Promise<Raw> {
  const { hostname: host, port, username: user, pathname } = new URL(url)
  const connection = await createConnection({
    host,
    port: Number(port),
    user,
    database: pathname.slice(1),
    timezone: 'Z',
    bigIntAsNumber: true,
    initSql: "SET SESSION time_zone = '+00:00'",
  })
  return {
    provider: 'mysql',
    insert: async (table, rows) => {
      const names = Object.keys(rows[0] ?? {})
      const file = join(data, `${randomUUID()}.tsv`)
      writeFileSync(
        file,
        rows.map((row) => lineOf(names.map((name) => row[name] ?? null))).join(''),
      )
      const columns = names.map((name) => `\`${name}\``).join(', ')
      await connection
        .query(
          `LOAD DATA INFILE '${file}' INTO TABLE \`${table}\` CHARACTER SET utf8mb4 (${columns})`,
        )
        .finally(() => rmSync(file))
    },
    query: (sql) => connection.query(sql),
    close: () => connection.end(),
  }
}

/** The values hold no tab, no line break and no backslash. */
function lineOf(values: Value[]): string {
  return `${values.map(asField).join('\t')}\n`
}

function asField(value: Value): string | number {
  if (value === null) return '\\N'
  return value instanceof Date ? value.toISOString().slice(0, -1) : value
}

function folderBytes(folder: string): number {
  return readdirSync(folder)
    .map((name) => statSync(join(folder, name)).size)
    .reduce((sum, size) => sum + size, 0)
}
