// What the deletion of an account takes out of its audit events, and what stays (docs/audit.md).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '../../src/platform/ids.ts'
import { call } from '../support/answers.ts'
import { problemsOf, recordSome } from '../support/audit.ts'
import { bearer, PASSWORD, type Person, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'

const DEVICE = { ip: '192.0.2.44', userAgent: 'Browser/4.4' }

test('DELETE /me takes addresses and devices out of the events, and the chain stays whole', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedUp(server)
  await signedIn(server, person)
  await call(server, 'POST /login', { username: person.username, password: 'wrong password' })
  const before = await eventsOf(server, person)
  assert.ok(before.every(({ ip, userAgent }) => ip !== null && userAgent !== null))

  await remove(server, person)

  const after = await eventsOf(server, person)
  const gone = { ip: null, userAgent: null, originSalt: null }
  assert.deepEqual(
    after.slice(0, before.length),
    before.map((row) => ({ ...row, ...gone })),
  )
  assert.deepEqual(
    after.slice(before.length).map(({ type, ip, userAgent }) => [type, ip, userAgent]),
    [['account_deleted', null, null]],
  )
  assert.ok((await eventsOf(server, other)).every(({ ip }) => ip !== null))
  assert.deepEqual(await problemsOf(server), [])
})

test('No event that comes after the deletion brings an address back', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { audit } = server.services
  const { id: userId } = person.user
  const late = () => audit.record({ type: 'sign_in_failed', userId, device: DEVICE })
  // Some wait in memory for a common row.
  for (let turn = 0; turn < 150; turn++) late()
  await remove(server, person)
  for (let turn = 0; turn < 150; turn++) late()

  const rows = await eventsOf(server, person)

  assert.ok(rows.length > 100)
  assert.deepEqual(
    rows.filter(({ ip, userAgent, originSalt }) => ip ?? userAgent ?? originSalt),
    [],
  )
  assert.deepEqual(await problemsOf(server), [])
})

test('What another server wrote during the deletion is cleared by the cleaner', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { client } = server.database
  await remove(server, person)
  const rows = await eventsOf(server, person)
  const [first] = rows
  await client.auditEvent.update({
    ...{ where: { id: String(first?.id) }, data: { ...DEVICE, originSalt: 'salt' } },
  })

  await server.services.audit.clean()

  assert.deepEqual(await eventsOf(server, person), rows)
})

test('What an administrator did to a deleted account keeps the address of the administrator', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const admin = await newAdmin(server)
  const { audit } = server.services
  const [userId, actorId] = [person.user.id, admin.user.id]
  audit.record({ type: 'account_enabled', userId, actorId, device: DEVICE })
  await audit.written()

  await remove(server, person)
  assert.deepEqual(await addressOf(server, userId), DEVICE)
  // The last administrator cannot go.
  await newAdmin(server)
  await remove(server, admin)

  assert.deepEqual(await addressOf(server, userId), { ip: null, userAgent: null })
  assert.deepEqual(await problemsOf(server), [])
})

test('An address that is taken from the events of an open account is missed', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const data = { ip: null, userAgent: null, originSalt: null }
  await server.database.client.auditEvent.updateMany({
    ...{ where: { userId: person.user.id }, data },
  })

  const { problems } = await server.services.audit.verify()

  assert.deepEqual(
    problems.map(({ seq, what }) => [seq, what]),
    [
      [1, 'changed'],
      [2, 'changed'],
    ],
  )
})

test('Events of an account with thousands of them lose their addresses in batches', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const person = await signedUp(server)
  const { audit } = server.services
  const { id: userId } = person.user
  for (let at = 0; at < 600; at++) {
    const type = at % 2 === 0 ? 'signed_in' : 'house_changed_by_admin'
    audit.record({ type, userId, device: DEVICE })
  }
  await recordSome(server)
  const before = server.queries.length
  let batches = 0

  await remove(server, person)
  for await (const _ of audit.forget(userId as UserId)) batches += 1

  assert.ok(batches > 5, String(batches))
  const updates = server.queries.slice(before).filter((sql) => /^UPDATE \S*AuditEvent/.test(sql))
  assert.ok(updates.length > batches)
  const left = await server.database.client.auditEvent.count({
    where: { userId, ip: { not: null } },
  })
  assert.equal(left, 0)
  assert.deepEqual(await problemsOf(server), [])
})

async function eventsOf(server: TestServer, { user }: Person) {
  await server.services.audit.written()
  return server.database.client.auditEvent.findMany({
    ...{ where: { userId: user.id }, orderBy: { id: 'asc' } },
  })
}

async function addressOf({ database }: TestServer, userId: string) {
  const where = { userId, type: 'account_enabled' }
  const { ip, userAgent } = await database.client.auditEvent.findFirstOrThrow({ where })
  return { ip, userAgent }
}

async function remove(server: TestServer, person: Pick<Person, 'access_token'>): Promise<void> {
  const body = { currentPassword: PASSWORD }
  const answer = await call(server, 'DELETE /me', body, bearer(person.access_token))
  assert.equal(answer.statusCode, 204, answer.body)
}
