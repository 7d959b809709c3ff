import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditType } from '../../src/contract/audit-type.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { auditTypes, call } from '../support/answers.ts'
import { bearer, type Opened, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { newAdmin, newHouse } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

type Item = {
  id: string
  at: string
  type: string
  message: string
  ip: string | null
  userAgent: string | null
  sessionId: string | null
  current: boolean
}
type Page = { items: Item[]; nextCursor: string | null }

const BROWSER = { 'user-agent': 'Browser/1.0' }

test('GET /me/activity shows the events of the account in plain words, newest first', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await signedUp(server)
  server.clock.advance(1)
  await login(server, person.username, 'wrong password')
  server.clock.advance(1)
  const other = await signedIn(server, person)
  server.clock.advance(1)
  await call(server, 'POST /logout', undefined, { ...bearer(other.access_token), ...BROWSER })

  const { items, nextCursor } = await activityOf(server, person)

  assert.equal(nextCursor, null)
  const now = server.clock()
  const ids = items.map(({ id }) => id)
  assert.deepEqual(ids, ids.toSorted().toReversed())
  const from = { ip: '127.0.0.1', userAgent: 'lightMyRequest' }
  const [own, ended] = [person.sessionId, other.sessionId]
  assert.deepEqual(
    items.map(({ id: _, ...item }) => item),
    [
      ...[
        [0, 'signed_out', 'You signed out.', ended, BROWSER['user-agent']],
        [1, 'signed_in', 'You signed in.', ended],
        [2, 'sign_in_failed', 'Somebody entered a wrong password for your account.', null],
        [3, 'registered', 'The account was created.', null],
        [3, 'signed_in', 'You signed in.', own],
      ].map(([ago, type, message, sessionId, userAgent = from.userAgent]) => ({
        at: new Date(now - Number(ago) * 1000).toISOString(),
        ...{ type, message, ...from, userAgent, sessionId, current: sessionId === own },
      })),
    ],
  )
})

test('GET /me/activity continues where its cursor says, and takes no cursor of somebody else', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedUp(server)
  for (let turn = 0; turn < 3; turn++) await login(server, person.username, 'wrong password')

  const whole = await activityOf(server, person)
  const first = await activityOf(server, person, '?size=2')
  const second = await activityOf(server, person, `?size=2&cursor=${first.nextCursor}`)
  const third = await activityOf(server, person, `?size=2&cursor=${second.nextCursor}`)

  assert.deepEqual([...first.items, ...second.items, ...third.items], whole.items)
  assert.deepEqual([whole.items.length, third.nextCursor], [5, null])
  const foreign = `GET /me/activity?cursor=${first.nextCursor}`
  const refused = await call(server, foreign, undefined, bearer(other.access_token))
  assertFaults(refused, ['/cursor invalid_cursor'])
  const none = await call(server, 'GET /me/activity?size=0', undefined, bearer(other.access_token))
  assertFaults(none, ['/size invalid_format'])
})

test('GET /me/activity says what others did, and not where they were', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const admin = await newAdmin(server)
  const house = await newHouse(server, person)
  const headers = bearer(admin.access_token)
  await call(server, `PATCH /houses/${house.id}`, { projectName: 'Amt' }, headers)
  await operator(server).changeRole(person.username, 'admin')
  const device = { ip: '192.0.2.99', userAgent: 'Admin/1.0' }
  const [userId, actorId] = [person.user.id, admin.user.id]
  server.services.audit.record({ type: 'account_enabled', userId, actorId, device })
  const again = await signedIn(server, person)

  const { items } = await activityOf(server, again)

  assert.deepEqual(
    items.slice(1, 4).map(({ message, ip, userAgent }) => [message, ip, userAgent]),
    [
      ['An administrator enabled your account.', null, null],
      ['The operator of the server changed your role.', null, null],
      ['An administrator changed one of your houses.', null, null],
    ],
  )
})

test('Events that share a row say how many they are', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { audit } = server.services
  for (let turn = 0; turn < 130; turn++) {
    audit.record({ type: 'sign_in_failed', userId: person.user.id, detail: 'locked' })
  }

  const { items } = await activityOf(server, person, '?size=1')

  const message = 'A sign-in was refused, since too many had failed before it. (30 times)'
  assert.deepEqual(items[0]?.message, message)
})

test('Who did it is the user himself, an administrator, or nobody', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const admin = await newAdmin(server)
  await login(server, person.username, 'wrong password')
  await login(server, 'nobody-at-all', PASSWORD)
  const house = await newHouse(server, person)
  await call(server, `DELETE /houses/${house.id}`, undefined, bearer(admin.access_token))
  await operator(server).changeRole(person.username, 'admin')

  await auditTypes(server)
  const actorOf = async (type: AuditType) => {
    const where = { type, OR: [{ userId: person.user.id }, { userId: null }] }
    const rows = await server.database.client.auditEvent.findMany({ where })
    return rows.map(({ actorId }) => actorId)
  }
  const [own, of] = [person.user.id, admin.user.id]
  assert.deepEqual(await actorOf('registered'), [own])
  assert.deepEqual(await actorOf('signed_in'), [own])
  assert.deepEqual(await actorOf('sign_in_failed'), [null, null])
  assert.deepEqual(await actorOf('role_changed'), [null])
  assert.deepEqual(await actorOf('house_deleted_by_admin'), [of])
})

test('An event has the id of its request, as the answer tells it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const answer = await login(server, person.username, 'wrong password')

  await server.services.audit.written()
  const where = { type: 'sign_in_failed' }
  const row = await server.database.client.auditEvent.findFirst({ where })
  assert.equal(row?.requestId, answer.headers['x-request-id'])
})

test('A refused sign-in of a locked account is told apart in the log of events, not in the answer', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off', SIGN_IN_FAILURES_MAX: '10' } })
  const person = await signedUp(server)
  const answers = []
  for (let turn = 0; turn < 10; turn++) {
    answers.push(await login(server, person.username, 'wrong password'))
  }
  answers.push(await login(server, person.username, PASSWORD))
  const wrong = { currentPassword: 'wrong password', email: 'other@example.com' }
  await call(server, 'PATCH /me', wrong, bearer(person.access_token))

  const bodies = answers.map((answer) => ({ ...answer.json(), instance: '' }))
  assert.equal(new Set(bodies.map((body) => JSON.stringify(body))).size, 1)
  await server.services.audit.written()
  const rows = await server.database.client.auditEvent.findMany({
    ...{ where: { type: 'sign_in_failed' }, orderBy: { id: 'asc' } },
  })
  assert.deepEqual(
    rows.map(({ detail, sessionId }) => [detail, sessionId]),
    [
      ...Array.from({ length: 10 }, () => ['wrong_password', null]),
      ['locked', null],
      ['wrong_password', person.sessionId],
    ],
  )
})

test('GET /me/activity needs an access token', async (t) => {
  const server = await startServer(t)

  assertProblem(await call(server, 'GET /me/activity'), 'unauthenticated')
})

test('Lists of events by user and type are read with the newest first', async (t) => {
  const server = await startServer(t)
  const { audit } = server.services
  for (let at = 0; at < 6; at++) {
    const userId = `user ${at % 2}` as UserId
    audit.record({ type: at % 3 === 0 ? 'signed_in' : 'signed_out', userId, detail: String(at) })
  }
  await audit.written()
  const read = async (query: Parameters<typeof audit.list>[0]) =>
    (await audit.list(query)).items.map(({ detail }) => detail).join('')

  assert.equal(await read({}), '543210')
  assert.equal(await read({ userId: 'user 1' as UserId }), '531')
  assert.equal(await read({ type: 'signed_in' }), '30')
  assert.equal(await read({ type: 'signed_in', userId: 'user 0' as UserId }), '0')
  const { nextCursor } = await audit.list({ size: '4' })
  assert.equal(await read({ cursor: String(nextCursor) }), '10')
  await assert.rejects(audit.list({ type: 'signed_in', cursor: String(nextCursor) }))
  const all = []
  for await (const { detail } of audit.exportRows()) all.push(detail)
  assert.equal(all.join(''), '012345')
})

async function activityOf(server: TestServer, person: Opened, query = ''): Promise<Page> {
  await server.services.audit.written()
  const headers = bearer(person.access_token)
  const answer = await call(server, `GET /me/activity${query}`, undefined, headers)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Page>()
}

function login(server: TestServer, username: string, password: string) {
  return call(server, 'POST /login', { username, password })
}
