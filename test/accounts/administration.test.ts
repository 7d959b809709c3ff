import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, auditEntries, auditTypes, call } from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

const login = (server: TestServer, username: string) =>
  call(server, 'POST /login', { username, password: PASSWORD })

test('a disabled account is signed out everywhere, and signs in again once enabled', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const administration = operator(server)

  await administration.disable(person.email)
  const verify = await call(server, 'GET /verify', undefined, bearer(person.access_token))
  const refreshed = await refresh(server, person.refresh_token)
  await administration.enable(person.username)

  assertProblem(verify, 'session_ended')
  assertProblem(refreshed, 'session_ended')
  assert.equal((await login(server, person.username)).statusCode, 200)
  const signedIn = ['registered', 'signed_in', 'signed_in']
  assert.deepEqual(await auditTypes(server), ['account_disabled', 'account_enabled', ...signedIn])
})

test('a change of role lets the session live: token_expired, then a refresh shows it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  await operator(server).changeRole(person.username, 'admin')
  const verify = await call(server, 'GET /verify', undefined, bearer(person.access_token))
  const refreshed = await refresh(server, person.refresh_token)

  assertProblem(verify, 'token_expired')
  const fresh = assertSession(server, refreshed, {
    user: { ...person.user, role: 'admin' },
    message: `Your session continues, ${person.username}.`,
    sessionId: person.sessionId,
    refreshed: 'rotated',
  })
  const again = await call(server, 'GET /verify', undefined, bearer(fresh.access_token))
  assert.equal(again.headers['x-user-role'], 'admin')
  const changes = (await auditEntries(server)).filter(({ type }) => type === 'role_changed')
  assert.deepEqual(changes, [
    { type: 'role_changed', userId: person.user.id, sessionId: null, detail: 'admin' },
  ])
})

test('an account that is closed while its name is looked up stays closed', async (t) => {
  const server = await startServer(t)
  const { username, user } = await signedUp(server)
  const { client } = server.database
  const at = new Date(server.clock())
  // Its name is free with the same statement; a request that found it before continues.
  await client.user.update({
    where: { id: user.id },
    data: { disabledAt: at, deletionDueAt: at },
  })

  const enabling = operator(server).enable(username)

  await assert.rejects(enabling, { message: 'There is no such account.' })
  const { disabledAt } = await client.user.findUniqueOrThrow({ where: { id: user.id } })
  assert.deepEqual(disabledAt, at)
})

test('a command for an unknown account fails with a message and records nothing', async (t) => {
  const server = await startServer(t)
  const administration = operator(server)
  const { username } = await signedUp(server)
  const unknown = { code: 'not_found', message: 'There is no account with this name.' }

  for (const name of ['nobody', '', `${username} `, '%', `${username.slice(0, -1)}_`]) {
    const tries = [
      administration.changeRole(name, 'admin'),
      administration.disable(name),
      administration.enable(name),
    ]
    for (const outcome of await Promise.allSettled(tries)) {
      assert.equal(outcome.status, 'rejected')
      const { definition, message } = outcome.reason
      assert.deepEqual({ code: definition.code, message }, unknown)
    }
  }

  assert.deepEqual(await auditTypes(server), ['registered', 'signed_in'])
})
