// What happens to a change whose account or session ends between the check of the password and the
// write.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import { bearer, PASSWORD, type Person, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

const NEW_PASSWORD = 'a wholly different phrase'
const currentPassword = PASSWORD

const changes: [line: string, body: object][] = [
  ['DELETE /me', { currentPassword }],
  ['PUT /password', { currentPassword, newPassword: NEW_PASSWORD }],
  ['PATCH /me', { currentPassword, username: 'somebody-else', name: 'Somebody Else' }],
  ['PATCH /me', { name: 'Somebody Else' }],
]

/**
 * Does something each time that a method of a service has done its work, before its caller goes on.
 */
function after<Service extends object>(
  t: TestContext,
  service: Service,
  method: keyof Service & string,
  meanwhile: () => Promise<unknown>,
) {
  const original = service[method] as (...given: unknown[]) => Promise<unknown>
  t.mock.method(
    service,
    method as never,
    (async (...given: unknown[]) => {
      const result = await original(...given)
      await meanwhile()
      return result
    }) as never,
  )
}

const usersOf = (server: TestServer) =>
  server.database.client.user.findMany({
    select: { username: true, name: true, passwordHash: true },
  })

const disable = (server: TestServer, { username }: Person) => operator(server).disable(username)

for (const [line, body] of changes) {
  const what = `${line} with ${Object.keys(body).join(' and ')}`
  test(`${what} changes nothing once the account is disabled`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const { users, credentials } = server.services
    const before = await usersOf(server)
    after(t, credentials, 'confirm', () => disable(server, person))
    after(t, users, 'requireOpen', () => disable(server, person))

    const response = await call(server, line, body, bearer(person.access_token))

    assertProblem(response, 'session_ended')
    assert.deepEqual(await usersOf(server), before)
    const types = await auditTypes(server)
    const done = ['account_deleted', 'password_changed', 'profile_changed']
    assert.deepEqual(
      types.filter((type) => done.includes(type)),
      [],
    )
  })
}

// Another server may have disabled it, of which this one hears within two seconds.
test('A disabled account is refused wherever it is read, though its token is not known to be dead', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await server.database.client.user.updateMany({ data: { disabledAt: new Date(server.clock()) } })
  const before = await usersOf(server)
  const reads: [line: string, body?: object][] = [['GET /me'], ['GET /dashboard']]
  const wrong = { currentPassword: 'not that one' }

  for (const [line, body] of [...reads, ...changes, ['DELETE /me', wrong] as const]) {
    const response = await call(server, line, body, bearer(person.access_token))
    assertProblem(response, 'session_ended')
  }

  assert.deepEqual(await usersOf(server), before)
})

test('PUT /password of a session that ends during the hash keeps the old password and all sessions', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const before = await usersOf(server)
  const { passwords } = server.services
  const url = `DELETE /sessions/${person.sessionId}`
  after(t, passwords, 'hash', () => call(server, url, undefined, bearer(other.access_token)))

  const body = { currentPassword, newPassword: NEW_PASSWORD }
  const response = await call(server, 'PUT /password', body, bearer(person.access_token))

  assertProblem(response, 'session_ended')
  assert.deepEqual(await usersOf(server), before)
  const me = await call(server, 'GET /me', undefined, bearer(other.access_token))
  assert.equal(me.statusCode, 200)
  assert.ok(!(await auditTypes(server)).includes('password_changed'))
})

test('PUT /password of a session that expires during the hash keeps the old password', async (t) => {
  const server = await startServer(t, { env: { REFRESH_TOKEN_TTL: '10m', ACCESS_TOKEN_TTL: '9m' } })
  const person = await signedUp(server)
  const before = await usersOf(server)
  after(t, server.services.passwords, 'hash', async () => server.clock.advance(600))

  const body = { currentPassword, newPassword: NEW_PASSWORD }
  const response = await call(server, 'PUT /password', body, bearer(person.access_token))

  assertProblem(response, 'session_ended')
  assert.deepEqual(await usersOf(server), before)
})
