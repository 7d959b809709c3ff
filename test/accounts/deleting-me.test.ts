import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTypes, call, refreshCookie } from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { assertFaults, assertProblem, assertWrongPassword } from '../support/problems.ts'
import { assertNow } from '../support/profile.ts'

test('DELETE /me removes the account with all its data and ends every session', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const bystander = await signedUp(server)

  const body = { currentPassword: PASSWORD }
  const response = await call(server, 'DELETE /me', body, bearer(person.access_token))

  assert.equal(response.statusCode, 204)
  assert.equal(response.body, '')
  assert.equal(response.headers['content-type'], undefined)
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.equal(response.headers['set-cookie'], refreshCookie('', 0))
  assert.equal(response.headers['clear-site-data'], undefined)
  for (const token of [person.access_token, other.access_token]) {
    assertProblem(await call(server, 'GET /verify', undefined, bearer(token)), 'session_ended')
  }
  for (const token of [person.refresh_token, other.refresh_token]) {
    assertProblem(await refresh(server, token), 'session_ended')
  }
  const login = { username: person.username, password: PASSWORD }
  assertProblem(await call(server, 'POST /login', login), 'invalid_credentials')
  const users = await server.database.client.user.findMany()
  assert.deepEqual(
    users.map(({ id }) => id),
    [bystander.user.id],
  )
  assert.ok((await auditTypes(server)).includes('account_deleted'))
  await signedUp(server, { username: person.username, email: person.email })
})

test('DELETE /me with a wrong, missing or malformed password deletes nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const remove = (body?: object) => call(server, 'DELETE /me', body, bearer(person.access_token))

  assertWrongPassword(await remove({ currentPassword: 'wrong password' }))
  assertFaults(await remove({}), ['/currentPassword required'])
  assertFaults(await remove(), ['/currentPassword required'])
  assertFaults(await remove({ currentPassword: { not: '' } }), ['/currentPassword wrong_type'])
  assertFaults(await remove({ currentPassword: PASSWORD, userId: 'x' }), ['/userId unknown_field'])

  await assertNow(server, person, person.user)
})
