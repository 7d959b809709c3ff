// `latchkey copy-from`: a SQLite file becomes a MySQL database, and nobody notices.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import Libsql from 'libsql'
import type { Prisma } from '../../src/generated/sqlite/client.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { copySqlite } from '../../src/platform/database/sqlite/copy.ts'
import {
  aSession,
  aUser,
  emptyDatabase,
  isMysql,
  openAt,
  queryMysql,
  scratchDirectory,
} from '../support/databases.ts'
import { PASSWORD } from '../support/factories.ts'
import { latchkey, SECRET } from '../support/operator.ts'
import { call, launch, type ServerProcess } from '../support/process.ts'

const skip = isMysql ? false : 'runs on MySQL'
/** More than one statement copies. */
const MANY = 1203
const AT = new Date('2026-03-04T05:06:07.089Z')
/** What databases like to change. */
const TEXT = 'a  Ümläut 😀 ✓ \\ \' " ; -- e\u0301 end '

type Row = Record<string, unknown>
type Tables = Record<Uncapitalize<Prisma.ModelName>, Row[]>
type Copied = { tables: { table: string; rows: number }[] }

test('copy-from copies each row of each table as it is', { skip }, async (t) => {
  const { file, url } = await scene(t)
  const rows = someRows()
  const before = await filled(t, file, rows)

  const { code, out, err } = await copy(url, file, '--json')

  assert.deepEqual([code, err], [0, ''])
  const { tables } = JSON.parse(out) as Copied
  assert.deepEqual(
    Object.fromEntries(tables.map(({ table, rows }) => [table.toLowerCase(), rows])),
    Object.fromEntries(
      Object.entries(rows).map(([table, { length }]) => [table.toLowerCase(), length]),
    ),
  )
  const target = await openAt(url)
  t.after(() => target.close())
  assert.deepEqual(await contents(target.client), before)
})

test('people stay signed in, and ended sessions stay ended', { skip }, async (t) => {
  const { file, url } = await scene(t)
  const env = { SECRET }
  const old = await launch({ url: `file:${file}`, env })
  const [alice, bob] = [await register(old, 'alice'), await register(old, 'bob')]
  await call(old, 'POST', '/logout', { token: bob.access_token, body: {} })
  await old.stop('SIGTERM')

  assert.equal((await copy(url, file)).code, 0)
  const server = await launch({ url, env })
  t.after(() => server.stop('SIGKILL'))

  const refreshed = (person: Signed) =>
    call(server, 'POST', '/refresh', { body: { refresh_token: person.refresh_token } })
  const statuses = {
    accessToken: (await call(server, 'GET', '/me', { token: alice.access_token })).status,
    refresh: (await refreshed(alice)).status,
    ended: (await refreshed(bob)).status,
    endedAccess: (await call(server, 'GET', '/verify', { token: bob.access_token })).status,
    password: (await login(server, 'bob')).status,
  }
  assert.deepEqual(statuses, {
    ...{ accessToken: 200, refresh: 200, ended: 401, endedAccess: 401, password: 200 },
  })
  const settings = { DATABASE_URL: url, SECRET }
  const { code, out } = await latchkey(['audit', 'verify'], { env: settings })
  assert.equal(code, 0, out)
})

test('copy-from takes no file that a server still uses', { skip }, async (t) => {
  const { file, url } = await scene(t)
  const server = await launch({ url: `file:${file}`, env: { SECRET } })
  t.after(() => server.stop('SIGKILL'))

  const { code, err } = await copy(url, file)
  assert.equal(code, 1)
  assert.match(err, /is in use\. Stop the server first, so that nothing is lost\.\n$/)
  assert.equal((await register(server, 'alice')).username, 'alice')
  assert.deepEqual(await queryMysql(url, 'SHOW TABLES'), [])
})

test('nobody writes to the file while it is copied, however long that takes', {
  skip,
}, async (t) => {
  const { file, url } = await scene(t)
  const user = aUser()
  await filled(t, file, { ...nothing(), user: [user], session: [aSession(user.id)] })
  const target = await openAt(url)
  await target.migrate()
  await target.close()
  for (const table of ['User', 'Session']) await slowDown(url, table)

  const copying = copy(url, file)
  await pause(2000)
  const writer = new Libsql(file, { timeout: 0 })
  t.after(() => writer.close())

  assert.throws(() => writer.exec('BEGIN IMMEDIATE'), /locked/)
  const { code, err } = await copying
  assert.equal(code, 0, err)
  writer.exec('BEGIN IMMEDIATE')
})

/** Longer than a transaction of the server may take, and shorter than a statement. */
async function slowDown(url: string, table: string): Promise<void> {
  const wait = 'SET @waited = SLEEP(3)'
  await queryMysql(
    url,
    `CREATE TRIGGER slow${table} BEFORE INSERT ON ${table} FOR EACH ROW ${wait}`,
  )
}

test('copy-from fills only an empty database', { skip }, async (t) => {
  const { file, url } = await scene(t)
  await filled(t, file, { ...nothing(), user: [aUser()] })
  const again = `${file}.again`
  copyFileSync(file, again)
  assert.equal((await copy(url, file)).code, 0)

  const { code, err } = await copy(url, again)
  assert.equal(code, 1)
  assert.match(err, /The database has rows in User already; name an empty one\.\n$/)
})

test('copy-from names a row that the database keeps differently', { skip }, async (t) => {
  const { file, url } = await scene(t)
  const user = aUser()
  await filled(t, file, { ...nothing(), user: [user] })
  const target = await openAt(url)
  await target.migrate()
  await target.close()
  await queryMysql(
    url,
    'CREATE TRIGGER shorter BEFORE INSERT ON User FOR EACH ROW SET NEW.email = LEFT(NEW.email, 3)',
  )

  const { code, err } = await copy(url, file)
  assert.equal(code, 1)
  assert.match(err, new RegExp(`keeps the row ${user.id} of User differently\\.\\n$`))
})

test('copy-from says what is wrong with the file', async (t) => {
  const folder = scratchDirectory(t)
  const url = await emptyDatabase(t)
  const [missing, text] = [join(folder, 'none.db'), join(folder, 'text.db')]
  writeFileSync(text, 'This is a text, and nothing else. '.repeat(99))
  const target = isMysql ? /There is no file/ : /There is no file|DATABASE_URL: name the MySQL/

  assert.match((await copy(url, missing)).err, target)
  const { code, err } = await copy(url, text)
  assert.equal(code, 1)
  assert.match(
    err,
    isMysql ? /text\.db is not a database of Latchkey/ : /DATABASE_URL: name the MySQL/,
  )
  assert.equal(readFileSync(text, 'utf8').length, 34 * 99)
  const other = join(folder, 'other.db')
  const ofOthers = new Libsql(other)
  ofOthers.exec('PRAGMA journal_mode = WAL; CREATE TABLE Other (id INTEGER)')
  copyFileSync(other, `${other}.copy`)
  ofOthers.close()
  const refused = await copy(url, `${other}.copy`)
  assert.match(refused.err, isMysql ? /is not a database of Latchkey/ : /name the MySQL/)
  // Bytes 18 and 19 of the file say whether it is in WAL mode (2).
  assert.deepEqual([...readFileSync(`${other}.copy`).subarray(18, 20)], [2, 2])
})

async function scene(t: TestContext): Promise<{ file: string; url: string }> {
  return { file: join(scratchDirectory(t), 'latchkey.db'), url: await emptyDatabase(t) }
}

function copy(url: string, file: string, ...more: string[]) {
  return latchkey(['copy-from', file, ...more], { env: { DATABASE_URL: url, SECRET } })
}

/** Makes the file without opening it here. @returns what is in it */
async function filled(t: TestContext, file: string, rows: Tables): Promise<Tables> {
  const draft = join(scratchDirectory(t), 'draft.db')
  const source = await openAt(`file:${draft}`)
  try {
    await source.migrate()
    for (const [table, data] of Object.entries(rows)) {
      await modelIn(source.client, table).createMany({ data })
    }
    await copySqlite(draft, file, () => undefined)
    return await contents(source.client)
  } finally {
    await source.close()
  }
}

async function contents(client: Database): Promise<Tables> {
  const found = await Promise.all(
    Object.keys(nothing()).map(async (table) => {
      const rows = await modelIn(client, table).findMany()
      return [table, rows.sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1))]
    }),
  )
  return Object.fromEntries(found)
}

function modelIn(client: Database, table: string) {
  return client[table as keyof Tables] as unknown as {
    createMany: (query: { data: Row[] }) => Promise<unknown>
    findMany: () => Promise<Row[]>
  }
}

function textOf(row: Row): string {
  return JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? `${value}` : value))
}

function nothing(): Tables {
  return {
    ...{ user: [], session: [], factor: [], recoveryCode: [], identity: [], signingKey: [] },
    ...{ auditEvent: [], auditDay: [], house: [], note: [], photo: [], idempotentRequest: [] },
    ...{ signInFailures: [], challenge: [], mail: [] },
  }
}

/** Rows in every table, and in some of them more than one statement copies. */
function someRows(): Tables {
  const user = { ...aUser(), name: TEXT, photoBytes: 2n ** 40n, disabledAt: AT, locale: 'zh-CN' }
  const userId = user.id
  const factor = { id: randomUUID(), userId, kind: 'recovery', secret: 'x', createdAt: AT }
  const house = {
    ...{ id: randomUUID(), ownerId: userId, projectNo: 'A-1', projectName: TEXT },
    ...{ searchNo: 'a-1', searchName: TEXT, searchAddress: '', createdAt: AT, updatedAt: AT },
  }
  const photo = { contentType: 'image/webp', width: 1, height: 2, bytes: 3, createdAt: AT }
  const event = { at: AT, type: 'signed_in', userId, detail: TEXT }
  return {
    user: [user, { ...aUser(), passwordHash: null }],
    session: [{ ...aSession(userId), userAgent: TEXT, seenGeneration: 7 }, ended()],
    factor: [{ ...factor, counter: 2n ** 62n, credentialKey: 'k' }],
    recoveryCode: many((hash) => ({ factorId: factor.id, hash })),
    identity: [
      {
        ...{ id: randomUUID(), userId, issuer: 'https://id.example', issuerHash: 'h' },
        ...{ subject: 'Case', provider: 'example', createdAt: AT },
      },
    ],
    signingKey: [
      {
        ...{ id: randomUUID(), sequence: 1, algorithm: 'ES256', encryptedKey: 'x' },
        ...{ createdAt: AT, signsFrom: AT },
      },
    ],
    auditEvent: many((_key, seq) => ({ ...event, id: randomUUID(), day: 20_000, seq })),
    auditDay: many((_key, day) => ({
      day,
      count: 1,
      previous: 'p',
      head: 'h',
      state: 'open',
      seal: 's',
    })),
    house: [house],
    note: [
      {
        ...{
          id: randomUUID(),
          ownerId: userId,
          title: TEXT,
          body: TEXT.repeat(200),
          tags: '["a"]',
        },
        ...{ createdAt: AT, updatedAt: AT },
      },
    ],
    photo: [
      { id: randomUUID(), houseId: house.id, ownerId: userId, ...photo },
      { id: randomUUID(), houseId: null, storedAt: AT, ...photo },
    ],
    idempotentRequest: many((keyHash) => ({
      ...{ userId, keyHash, requestHash: 'r', answer: `{"text":${JSON.stringify(TEXT)}}` },
      createdAt: AT,
    })),
    signInFailures: many((device) => ({ subject: userId, device, failures: 1, expiresAt: AT })),
    challenge: ['aB', 'Ab'].map((id) => ({ id, expiresAt: AT })),
    mail: [
      {
        ...{ id: randomUUID(), kind: 'password_changed', userId, address: 'a@example.com' },
        ...{ facts: `{"name":${JSON.stringify(TEXT)}}`, dueAt: AT, expiresAt: AT },
      },
    ],
  }
}

function ended(): Row {
  return { ...aSession(''), userId: null, revokedAt: AT, revokedReason: 'signed_out' }
}

function many(rowOf: (key: string, index: number) => Row): Row[] {
  return Array.from({ length: MANY }, (_, index) =>
    rowOf(String(index).padStart(36, '0'), index + 1),
  )
}

type Signed = { access_token: string; refresh_token: string; username: string }

async function register(server: ServerProcess, username: string): Promise<Signed> {
  const body = { username, email: `${username}@example.com`, password: PASSWORD }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201)
  return { ...(answer.body as Signed), username }
}

function login(server: ServerProcess, username: string) {
  return call(server, 'POST', '/login', { body: { username, password: PASSWORD } })
}
