// The last administrator stays one: demoted, disabled or deleted by whom ever, and at once on two
// servers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { newAccount } from '../support/administration.ts'
import { PASSWORD } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }
const LAST = /last enabled administrator/

const adminsIn = ({ database }: TestServer) =>
  database.client.user.count({ where: { role: 'admin', disabledAt: null } })

test('nobody demotes, disables or deletes the last administrator, not even at the command line', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = admin.user
  const invited = await server.services.administration.create(
    { username: 'invited', email: 'invited@example.com', role: 'admin' },
    OPERATOR,
  )

  const disabled = await ask(server, `PATCH /admin/users/${id}`, admin, {
    body: { disabled: true },
  })
  const deleted = await ask(server, 'DELETE /me', admin, { body: { currentPassword: PASSWORD } })
  await assert.rejects(operator(server).changeRole(admin.username, 'user'), LAST)
  await assert.rejects(operator(server).disable(admin.username), LAST)
  await assert.rejects(server.services.administration.remove(id, OPERATOR), LAST)

  assertProblem(disabled, 'last_admin')
  assertProblem(deleted, 'last_admin')
  const me = await ask(server, 'GET /me', admin)
  assert.deepEqual([me.statusCode, me.json()], [200, { ...admin.user, role: 'admin' }])
  // One who has no password yet takes no place of another.
  await operator(server).disable(invited.username)
  await server.services.administration.remove(invited.id, OPERATOR)
})

test('an administrator who is not the last one may go, in each way', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)

  for (const body of [{ role: 'user' }, { disabled: true }]) {
    const { id } = await newAccount(server, { role: 'admin' })
    const answer = await ask(server, `PATCH /admin/users/${id}`, admin, { body })
    assert.equal(answer.statusCode, 200, answer.body)
  }
  const { id } = await newAccount(server, { role: 'admin' })
  assert.equal((await ask(server, `DELETE /admin/users/${id}`, admin)).statusCode, 204)
  await newAccount(server, { role: 'admin' })
  const body = { currentPassword: PASSWORD }
  assert.equal((await ask(server, 'DELETE /me', admin, { body })).statusCode, 204)

  assert.equal(await adminsIn(server), 1)
})

test('a disabled administrator is demoted and deleted, also where one is left', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const other = await newAccount(server, { role: 'admin' })
  await operator(server).disable(other.username)

  const url = `/admin/users/${other.id}`
  assert.equal(
    (await ask(server, `PATCH ${url}`, admin, { body: { role: 'user' } })).statusCode,
    200,
  )
  assert.equal((await ask(server, `DELETE ${url}`, admin)).statusCode, 204)
})

const WAYS = {
  demote: (url: string) => [`PATCH ${url}`, { body: { role: 'user' } }] as const,
  disable: (url: string) => [`PATCH ${url}`, { body: { disabled: true } }] as const,
  delete: (url: string) => [`DELETE ${url}`, {}] as const,
}

for (const [first, second] of [
  ['demote', 'demote'],
  ['demote', 'disable'],
  ['disable', 'delete'],
  ['delete', 'delete'],
] as const) {
  test(`of two administrators who ${first} and ${second} each other at once, on two servers, one stays`, async (t) => {
    const url = await freshDatabase(t)
    const clock = testClock()
    const one = await startServer(t, { env, url, clock })
    const two = await startServer(t, { env, url, clock })

    for (let round = 0; round < 5; round++) {
      const [ada, bob] = [await newAdmin(one), await newAdmin(two)]
      const { client } = one.database
      await client.user.updateMany({
        where: { role: 'admin', id: { notIn: [ada.user.id, bob.user.id] } },
        data: { role: 'user' },
      })
      const [line, options] = WAYS[first](`/admin/users/${bob.user.id}`)
      const [other, others] = WAYS[second](`/admin/users/${ada.user.id}`)

      const answers = await Promise.all([
        ask(one, line, ada, options),
        ask(two, other, bob, others),
      ])

      assert.equal(await adminsIn(one), 1)
      const done = answers.filter(({ statusCode }) => statusCode < 300)
      assert.equal(done.length, 1, answers.map(({ body }) => body).join('\n'))
      for (const { statusCode } of answers) assert.ok([200, 204, 401, 409].includes(statusCode))
    }
  })
}

test('of ten administrators who all leave at once, on two servers, one stays', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const one = await startServer(t, { env, url, clock })
  const two = await startServer(t, { env, url, clock })
  const admins: Awaited<ReturnType<typeof newAdmin>>[] = []
  for (let count = 0; count < 10; count++) admins.push(await newAdmin(one))

  const body = { currentPassword: PASSWORD }
  // On a busy machine one may lose to the others again and again: it is told to retry.
  const leave = async (server: TestServer, admin: (typeof admins)[number]) => {
    for (let turn = 0; ; turn++) {
      const answer = await ask(server, 'DELETE /me', admin, { body })
      if (answer.statusCode !== 503 || turn === 5) return answer
    }
  }
  const answers = await Promise.all(
    admins.map((admin, at) => leave(at % 2 === 0 ? one : two, admin)),
  )

  const codes = answers.map(({ statusCode }) => statusCode).sort()
  assert.equal(await adminsIn(one), 1)
  assert.deepEqual(codes, [...Array.from({ length: 9 }, () => 204), 409])
})

test('an administrator whose address nobody has proven is deleted in time, unless it is the last one', async (t) => {
  const mustVerify = { EMAIL_VERIFICATION: 'required', RATE_LIMITS: 'off' }
  const server = await startServer(t, { env: mustVerify })
  const { database, services, clock } = server
  const account = { username: 'first', email: 'first@example.com', password: PASSWORD }
  await server.inject({ method: 'POST', url: '/register', payload: account })
  await operator(server).changeRole('first', 'admin')

  clock.advance(8 * 86_400)
  await services.deletion.proceedUntil(new AbortController().signal)

  const kept = await database.client.user.findFirstOrThrow({ where: { username: 'first' } })
  assert.deepEqual([kept.disabledAt, kept.deletionDueAt], [null, null])
})

/** An administrator whom a provider alone signs in, at an address that nobody has proven. */
async function adminByProvider(server: TestServer) {
  const admin = await newAdmin(server)
  const id = admin.user.id as UserId
  const { client } = server.database
  const facts = { issuer: 'https://other.example', provider: 'other', email: null }
  await client.$transaction((tx) =>
    server.services.identityStore.insert(tx, id, { ...facts, subject: id }, false),
  )
  await client.user.update({ where: { id }, data: { passwordHash: null, emailVerified: false } })
  return admin
}

test('an administrator whom a provider alone signs in counts like the others', async (t) => {
  const server = await startServer(t, { env })
  const admin = await adminByProvider(server)

  assertProblem(await ask(server, 'DELETE /me', admin), 'last_admin')
  await assert.rejects(operator(server).disable(admin.username), LAST)

  const other = await newAdmin(server)
  const body = { currentPassword: PASSWORD }
  assert.equal((await ask(server, 'DELETE /me', other, { body })).statusCode, 204)
  assert.equal(await adminsIn(server), 1)
})
