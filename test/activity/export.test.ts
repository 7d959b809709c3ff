// What GET /me/export holds, compared with the tables: each column has a decision.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, type Opened, type Person, type signedIn, signedUp } from '../support/factories.ts'
import { personWithApp, signedInByApp } from '../support/factors.ts'
import { databaseKind, startServer, type TestServer } from '../support/helper.ts'
import { newAdmin, newHouse } from '../support/houses.ts'
import { newNote } from '../support/notes.ts'
import { newPhoto } from '../support/photo-scene.ts'

type Table = {
  /** The member of the document; null where nothing of the table is in it. */
  part: string | null
  /** Why columns are not in it. */
  without: Record<string, string>
  /** The rows of a user, where they are not those with his `userId`. */
  where?: (userId: string) => object
}

const ASKED = 'says who asks'
const HASH = 'a hash'
const RESPELLED = 'another spelling of what is in it'
const WORKINGS = 'of use to the server only'
const owned = (ownerId: string) => ({ ownerId })

/** A new table or column turns this file red: decide here what becomes of it. */
const TABLES: Record<string, Table> = {
  User: {
    part: 'account',
    where: (id) => ({ id }),
    without: {
      ...{ passwordHash: HASH, credentialVersion: WORKINGS },
      ...{ usernameKey: RESPELLED, emailKey: RESPELLED, pendingEmailKey: RESPELLED },
      searchName: RESPELLED,
    },
  },
  Session: {
    part: 'sessions',
    without: {
      ...{ userId: ASKED, rotationKeyHash: HASH },
      ...{ lowestLiving: WORKINGS, seenGeneration: WORKINGS, heldAt: WORKINGS },
    },
  },
  Factor: {
    part: 'factors',
    without: {
      ...{ userId: ASKED, secret: 'a secret or a key', credentialKey: HASH },
      ...{ credentialId: 'names a key', counter: WORKINGS },
    },
  },
  RecoveryCode: { part: null, without: { factorId: 'counted in factors', hash: HASH } },
  AuditEvent: {
    part: 'events',
    without: {
      ...{ origin: HASH, originSalt: 'the salt of a hash', hash: HASH },
      ...{ day: WORKINGS, seq: WORKINGS },
    },
  },
  House: {
    part: 'houses',
    where: owned,
    without: {
      ownerId: ASKED,
      ...{ searchNo: RESPELLED, searchName: RESPELLED, searchAddress: RESPELLED },
    },
  },
  Note: { part: 'notes', where: owned, without: { ownerId: ASKED } },
  Photo: { part: 'photos', where: owned, without: { ownerId: ASKED } },
  IdempotentRequest: {
    part: 'idempotencyKeys',
    without: { userId: ASKED, keyHash: HASH, requestHash: HASH, answer: 'a copy of what is in it' },
  },
  SignInFailures: {
    part: 'signInFailures',
    where: (subject) => ({ subject }),
    without: { subject: ASKED },
  },
  Mail: { part: 'mails', without: { userId: ASKED, challenge: 'leads to a code' } },
  SigningKey: of('a key of the server', [
    ...['id', 'sequence', 'algorithm', 'encryptedKey', 'createdAt', 'signsFrom'],
  ]),
  AuditDay: of('of all users together', ['day', 'count', 'previous', 'head', 'state', 'seal']),
  Challenge: of('names no user', [
    ...['id', 'attempts', 'lastTry', 'usedAt', 'keyHash', 'outcome', 'expiresAt'],
  ]),
}

function of(reason: string, columns: string[]): Table {
  return { part: null, without: Object.fromEntries(columns.map((column) => [column, reason])) }
}

/** The columns of each table, as the schema has them. */
function tablesOf(schema: string): Record<string, string[]> {
  const scalars = 'String|Int|BigInt|Boolean|DateTime|Float|Decimal|Json|Bytes'
  const models = schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)
  return Object.fromEntries(
    [...models].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(new RegExp(`^ +(\\w+) +(?:${scalars})[?]?(?: |$)`, 'gm'))].map(
        ([, column = '']) => column,
      ),
    ]),
  )
}

const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
/** Other members than columns of the table. */
const MORE: Record<string, string[]> = { factors: ['recoveryCodes'] }

test('GET /me/export has every column of every row of the user, but those with a reason', async (t) => {
  const server = await startServer(t)
  const person = await fullUser(server)
  await fullUser(server)

  const document = (await exportOf(server, person)).json<Record<string, unknown>>()

  const parts = Object.values(TABLES).flatMap(({ part }) => part ?? [])
  assert.deepEqual(Object.keys(document).sort(), ['actions', 'exportedAt', ...parts].sort())
  assert.equal(document.exportedAt, new Date(server.clock()).toISOString())
  for (const [table, columns] of Object.entries(tablesOf(schema))) {
    const { part, without, where = (userId) => ({ userId }) } = TABLES[table] ?? missing(table)
    const expected = columns.filter((column) => !(column in without))
    const strange = Object.keys(without).filter((column) => !columns.includes(column))
    assert.deepEqual(strange, [], `columns that ${table} does not have`)
    if (part === null) {
      assert.deepEqual(expected, [], `columns of ${table} without a decision`)
      continue
    }
    const rows = [document[part]].flat() as Record<string, unknown>[]
    const name = table.charAt(0).toLowerCase() + table.slice(1)
    const client = server.database.client as unknown as Record<string, Reader>
    const stored = (await client[name]?.findMany({ where: where(person.user.id) })) ?? []
    assert.ok(stored.length > 0, `${table} has no row to compare`)
    const members = [...expected, ...(MORE[part] ?? [])].sort()
    for (const row of rows) assert.deepEqual(Object.keys(row).sort(), members, table)
    assert.deepEqual(
      rows.map((row) => ordered(row, expected)).sort(),
      stored.map((row) => ordered(asExported(row, expected), expected)).sort(),
      table,
    )
  }
})

test('GET /me/export holds no secret, no hash, and nothing of others', async (t) => {
  const server = await startServer(t)
  const person = await fullUser(server)
  const other = await fullUser(server)

  const { body } = await exportOf(server, person)

  const { user, factor, auditEvent } = server.database.client
  const { passwordHash } = await user.findUniqueOrThrow({ where: { id: person.user.id } })
  const factors = await factor.findMany()
  const events = await auditEvent.findMany()
  const hidden = [
    ...[passwordHash, other.user.id, other.username, person.access_token, person.refresh_token],
    ...factors.flatMap(({ secret, credentialKey }) => [secret, credentialKey]),
    ...events.flatMap(({ hash, origin }) => [hash, origin]),
  ]
  for (const text of hidden) if (text) assert.ok(!body.includes(text), text)
})

test('GET /me/export is a file that nobody keeps, and needs a recent proof', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const { headers, body } = await exportOf(server, person)
  const head = await call(server, 'HEAD /me/export', undefined, bearer(person.access_token))
  server.clock.advance(601)
  const late = await call(server, 'GET /me/export', undefined, bearer(person.access_token))

  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(headers['content-disposition'], 'attachment; filename="export.json"')
  assert.equal(headers['cache-control'], 'no-store')
  assert.deepEqual(JSON.parse(body).notes, [])
  assert.deepEqual([head.statusCode, head.body], [200, ''])
  assert.equal(late.statusCode, 401)
  assert.equal(late.json().code, 'step_up_required')
})

test('GET /me/export is made ten times in an hour at most', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  for (let turn = 0; turn < 10; turn++) await exportOf(server, person)

  const answer = await call(server, 'GET /me/export', undefined, bearer(person.access_token))

  assert.equal(answer.statusCode, 429)
  assert.deepEqual(answer.json()['violated-policies'], ['export'])
})

test('GET /me/export of somebody with thousands of events has each of them once', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { audit } = server.services
  const [userId, actorId] = [person.user.id, (await newAdmin(server)).user.id]
  for (let at = 0; at < 2500; at++) {
    audit.record({ type: 'role_changed', userId, actorId, detail: String(at) })
  }
  await audit.written()

  const { events } = (await exportOf(server, person)).json<{ events: { detail: string }[] }>()

  const numbers = events.slice(2).map(({ detail }) => Number(detail))
  assert.deepEqual(
    numbers,
    Array.from({ length: 2500 }, (_, at) => at),
  )
})

test('An administrator gets what he did to others, with his own address; they do not', async (t) => {
  const server = await startServer(t)
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  const device = { ip: '192.0.2.99', userAgent: 'Admin/1.0' }
  const [userId, actorId] = [person.user.id, admin.user.id]
  server.services.audit.record({ type: 'account_enabled', userId, actorId, device })
  await server.services.audit.written()

  const [own, of] = [await exportOf(server, person), await exportOf(server, admin)].map((answer) =>
    answer.json<Record<string, Record<string, unknown>[]>>(),
  )

  const [told] = own?.events?.slice(-1) ?? []
  assert.deepEqual(Object.keys(told ?? {}), [
    ...['id', 'at', 'type', 'userId', 'sessionId', 'detail', 'count'],
  ])
  assert.equal(told?.type, 'account_enabled')
  const [done] = of?.actions ?? []
  assert.deepEqual([done?.type, done?.ip, done?.userId], ['account_enabled', device.ip, userId])
})

if (databaseKind === 'sqlite') {
  test('A column without a decision is seen', () => {
    const planted = schema.replace('model Note {\n', 'model Note {\n  secretNote String?\n')
    const { Note = [] } = tablesOf(planted)
    assert.equal(Note[0], 'secretNote')
    assert.equal(Object.keys(tablesOf(schema)).length, Object.keys(TABLES).length)
  })
}

type Reader = { findMany: (query: object) => Promise<Record<string, unknown>[]> }

function missing(table: string): never {
  throw new assert.AssertionError({ message: `TABLES in this file says nothing of ${table}` })
}

/** A row of the database as JSON has it. */
function asExported(row: Record<string, unknown>, columns: string[]): Record<string, unknown> {
  const copy = JSON.parse(
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
  )
  for (const column of ['tags', 'facts']) {
    if (columns.includes(column)) copy[column] = JSON.parse(copy[column])
  }
  return copy
}

/** As text, with these columns in their order. */
function ordered(row: Record<string, unknown>, columns: string[]): string {
  return JSON.stringify(columns.map((column) => [column, row[column]]))
}

/** Somebody with a row in every table. */
async function fullUser(server: TestServer): Promise<Person> {
  const first = await personWithApp(server)
  const person = { ...first, ...(await signedInByApp(server, first)).json<Opened>() }
  const headers = { ...bearer(person.access_token), 'idempotency-key': 'one' }
  const house = await newHouse(server, person)
  await newPhoto(server, person, house)
  await newNote(server, person)
  await call(server, 'POST /notes', { title: 'Twice' }, headers)
  await call(server, 'POST /login', { username: person.username, password: 'wrong password' })
  const { client } = server.database
  const { id: userId } = person.user
  const at = new Date(server.clock() + 60_000)
  await client.mail.create({
    data: {
      ...{ id: person.sessionId, kind: 'new_device', userId, address: person.email },
      ...{ facts: '{"at":1,"device":"Firefox"}', dueAt: at, expiresAt: at },
    },
  })
  await server.services.audit.written()
  return person
}

function exportOf(server: TestServer, person: Person | Awaited<ReturnType<typeof signedIn>>) {
  return call(server, 'GET /me/export', undefined, bearer(person.access_token))
}
