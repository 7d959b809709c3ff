import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createConnection } from 'mariadb'
import { databaseUrl } from '../../src/config/database-url.ts'
import type { DatabaseConnection } from '../../src/platform/database/database.ts'
import { migrateMysql } from '../../src/platform/database/mysql/migrate.ts'
import { openDatabase } from '../../src/platform/database/open.ts'
import type { QueryObserver } from '../../src/platform/database/query-observer.ts'
import { migrateSqlite } from '../../src/platform/database/sqlite/migrate.ts'
import type { Lifetime } from './lifetime.ts'

/** Which database this run of the tests is about. */
export const isMysql = process.env.TEST_DATABASE === 'mysql'

/** Whether the tables have foreign keys; `TEST_FOREIGN_KEYS=off` makes those of MySQL without. */
const hasForeignKeys = !isMysql || process.env.TEST_FOREIGN_KEYS !== 'off'
/** The same as a setting of servers. */
export const FOREIGN_KEYS: Record<string, string> = hasForeignKeys ? {} : { FOREIGN_KEYS: 'off' }

/** A directory that is gone when the test ends. */
export function scratchDirectory(t: Lifetime): string {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-database-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The URL of an empty database without tables, gone when the test ends. */
export async function emptyDatabase(t: TestContext): Promise<string> {
  if (!isMysql) return `file:${join(scratchDirectory(t), 'data', 'latchkey.db')}`
  const base = process.env.TEST_DATABASE_URL
  if (!base) throw new Error('TEST_DATABASE=mysql needs TEST_DATABASE_URL')
  const name = `latchkey_test_${randomBytes(6).toString('hex')}`
  await queryMysql(base, `CREATE DATABASE \`${name}\``)
  t.after(() => queryMysql(base, `DROP DATABASE \`${name}\``))
  const url = new URL(base)
  url.pathname = `/${name}`
  return url.href
}

/** Opens the database of a DATABASE_URL. */
export async function openAt(url: string, onQuery?: QueryObserver): Promise<DatabaseConnection> {
  return await openDatabase({
    address: databaseUrl(url),
    onQuery,
    foreignKeys: hasForeignKeys,
  })
}

/** Applies the migrations of a directory, without the client. */
export async function migrateAt(url: string, directory?: string): Promise<string[]> {
  const address = databaseUrl(url)
  return address.kind === 'mysql'
    ? await migrateMysql(address, { directory, foreignKeys: hasForeignKeys })
    : await migrateSqlite(address.path, directory)
}

/** An open, migrated database of the test's own. */
export async function openFreshDatabase(
  t: TestContext,
  onQuery?: (sql: string) => void,
): Promise<DatabaseConnection & { url: string }> {
  const url = await emptyDatabase(t)
  const database = await openAt(url, onQuery)
  t.after(() => database.close())
  await database.migrate()
  return { ...database, url }
}

/** Rows of one statement, by a connection of its own. */
export async function queryMysql(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const { hostname: host, port, username, password, pathname } = new URL(url)
  const connection = await createConnection({
    host,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    multipleStatements: true,
  })
  try {
    return await connection.query(sql, values)
  } finally {
    await connection.end()
  }
}

const someday = new Date('2026-03-04T05:06:07.089Z')

/** The columns of a user, with a key of its own. */
export function aUser(key: string = randomUUID()) {
  const id = randomUUID()
  return {
    ...{ id, username: 'somebody', usernameKey: key.slice(0, 32), email: 'somebody@example.com' },
    ...{ emailKey: id, passwordHash: 'x', createdAt: someday, updatedAt: someday },
  }
}

/** The columns of a session that lives. */
export function aSession(userId: string) {
  const [rotatedAt, createdAt, authTime] = [someday, someday, someday]
  const expiresAt = new Date('2036-03-04T05:06:07.008Z')
  return {
    ...{ id: randomUUID(), userId, rotatedAt, createdAt, authTime, expiresAt, endsAt: expiresAt },
    ...{ transport: 'body', amr: 'pwd' },
  }
}
