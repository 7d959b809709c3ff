import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mariadb'
import { startDatabase } from '../scripts/throwaway-mysql.mjs'
import { loadConfig } from '../src/config.ts'
import { type Latchkey, openLatchkey } from '../src/latchkey.ts'
import type { OpenDatabase } from '../src/platform/database.ts'
import { fillHouses, fillOwners } from './houses-fill.ts'
import { type Rows, searches } from './houses-rows.ts'

/** What was opened and must be closed again, the last first. */
export type Leavings = (() => unknown)[]

/** A server, somebody who is signed in, and so many houses. */
export type World = {
  server: Latchkey
  rows: Rows
  reader: string
  headers: { authorization: string }
  size: number
}

/** Where the databases of a run are, one for each call of `url`. */
export type Place = { name: 'SQLite' | 'MySQL'; url: () => Promise<string> }

const POOL_BYTES = 1024 ** 3

export function sqlitePlace(scratch: string): Place {
  let count = 0
  return { name: 'SQLite', url: async () => `file:${join(scratch, `houses-${++count}.db`)}` }
}

/**
 * Databases on the server that TEST_DATABASE_URL names, or on one of its own, whose buffer pool is made
 * to hold a million houses.
 * @throws Error when there is neither
 */
export async function mysqlPlace(scratch: string, leavings: Leavings): Promise<Place> {
  const given = process.env.TEST_DATABASE_URL
  const own = given ? undefined : await startDatabase(scratch)
  const base = given ?? own?.url
  if (!base) throw new Error('No mariadbd or mysqld is installed; set TEST_DATABASE_URL.')
  if (own) {
    leavings.push(own.stop)
    await query(base, `SET GLOBAL innodb_buffer_pool_size = ${POOL_BYTES}`)
  }
  return { name: 'MySQL', url: () => freshDatabase(base, leavings) }
}

async function freshDatabase(base: string, leavings: Leavings): Promise<string> {
  const name = `latchkey_bench_${randomBytes(6).toString('hex')}`
  await query(base, `CREATE DATABASE ${name}`)
  leavings.push(() => query(base, `DROP DATABASE ${name}`))
  return new URL(`/${name}`, base).href
}

async function query(url: string, sql: string): Promise<void> {
  const { hostname: host, port, username, password } = new URL(url)
  const connection = await createConnection({
    host,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  })
  await connection.query(sql).finally(() => connection.end())
}

/** A whole server on an empty database, with a reader and the owners of the houses to come. */
export async function openWorld(
  place: Place,
  rows: Rows,
  scratch: string,
  leavings: Leavings,
): Promise<World> {
  const url = await place.url()
  const server = await openLatchkey({
    config: loadConfig({ ...settings(scratch), DATABASE_URL: url }),
    masterSecrets: [randomBytes(48)],
  })
  leavings.push(server.close)
  const { id: reader, token } = await register(server)
  await fillOwners({ database: server.database, rows, reader })
  return { server, rows, reader, headers: { authorization: `Bearer ${token}` }, size: 0 }
}

/** Fills the table up to the size. @returns rows per second */
export async function growTo(world: World, size: number): Promise<number> {
  const { server, rows, reader } = world
  const speed = await fillHouses({ database: server.database, rows, reader }, world.size, size)
  world.size = size
  return speed
}

/**
 * Looks whether the filters find what they are meant to find.
 * @throws Error that names one that does not
 */
export async function checkSearches({ server, headers }: World): Promise<void> {
  for (const [field, { many, one, none }] of Object.entries(searches)) {
    const counts = await Promise.all([many, one, none].map((text) => count({ [field]: text })))
    const [ofMany = 0, ofOne, ofNone] = counts
    if (ofMany <= 1 || ofOne !== 1 || ofNone !== 0) throw new Error(`${field} finds ${counts}`)
  }

  async function count(query: Record<string, string>): Promise<number> {
    const url = `/houses?${new URLSearchParams(query)}`
    const response = await server.app.inject({ url, headers })
    return response.json<{ totalItems: number }>().totalItems
  }
}

function settings(scratch: string) {
  const uploads = join(scratch, 'uploads')
  mkdirSync(uploads, { recursive: true })
  const quick = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', LOG_LEVEL: 'silent' }
  return { ...quick, RATE_LIMITS: 'off', ACCESS_TOKEN_TTL: '12h', UPLOADS_DIR: uploads }
}

async function register({ app }: Latchkey): Promise<{ id: string; token: string }> {
  const response = await app.inject({
    method: 'POST',
    url: '/register',
    payload: {
      username: 'reader',
      email: 'reader@example.com',
      password: 'a long sentence of words',
    },
  })
  if (response.statusCode !== 201) throw new Error(response.body)
  const body = response.json<{ access_token: string; user: { id: string } }>()
  return { id: body.user.id, token: body.access_token }
}

/** The database by its own words, and how much memory it keeps pages in. */
export async function versionOf({ provider, client }: OpenDatabase): Promise<string> {
  if (provider === 'sqlite') {
    const [row] = await client.$queryRaw<{ v: string }[]>`SELECT sqlite_version() AS v`
    return `SQLite ${row?.v}`
  }
  const [row] = await client.$queryRaw<{ v: string; pool: bigint }[]>`
    SELECT VERSION() AS v, @@innodb_buffer_pool_size AS pool`
  const product = /mariadb/i.test(row?.v ?? '') ? 'MariaDB' : 'MySQL'
  return `${product} ${row?.v} with a buffer pool of ${Number(row?.pool) / 1024 ** 2} MiB`
}
