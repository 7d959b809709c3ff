// Sessions, locks, factors and lost passwords of others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AdminUserView } from '../../src/contract/admin-user.ts'
import { eventsOf, newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { giveApp, login, personWithApp } from '../support/factors.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerReset,
  codeIn,
  linkIn,
  mailsTo,
  NEW_PASSWORD,
  subjectsTo,
} from '../support/resets.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }
const NOBODY = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'

const verify = (server: TestServer, { access_token }: { access_token: string }) =>
  call(server, 'GET /verify', undefined, bearer(access_token))

test('GET /admin/users/:id/sessions shows the live sessions as their owner sees them', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  server.clock.advance(1)
  await signedIn(server, person)

  const seen = await ask(server, `GET /admin/users/${person.user.id}/sessions`, admin)
  const own = await ask(server, 'GET /sessions', person)
  const ofAdmin = await ask(server, `GET /admin/users/${admin.user.id}/sessions`, admin)

  const items = own.json<{ items: object[] }>().items.map((one) => ({ ...one, current: false }))
  assert.deepEqual([seen.statusCode, seen.json()], [200, { items }])
  const marked = ofAdmin.json<{ items: { current: boolean }[] }>().items
  assert.deepEqual(marked.map(({ current }) => current).sort(), [false, true])
})

test('an administrator ends one session of an account, then all of them', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  const [second, third] = [await signedIn(server, person), await signedIn(server, person)]
  const url = `/admin/users/${person.user.id}/sessions`

  const one = await ask(server, `DELETE ${url}/${second.sessionId}`, admin)
  assert.equal(one.statusCode, 204)
  assertProblem(await verify(server, second), 'session_ended')
  assert.equal((await verify(server, third)).statusCode, 200)
  const all = await ask(server, `DELETE ${url}`, admin)
  const again = await ask(server, `DELETE ${url}`, admin)

  assert.deepEqual([all.json(), again.json()], [{ ended: 2 }, { ended: 0 }])
  assertProblem(await verify(server, third), 'session_ended')
  await signedIn(server, person)
  const events = (await eventsOf(server, person.user.id)).filter(({ type }) =>
    /revoked|ended/.test(type),
  )
  assert.deepEqual(events, [
    { type: 'session_revoked', detail: null },
    { type: 'sessions_ended', detail: '2' },
    { type: 'sessions_ended', detail: '0' },
  ])
})

test('a session is found under its own account alone', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  const detail = 'The account has no session with this id.'

  for (const sid of [other.sessionId, NOBODY]) {
    const answer = await ask(server, `DELETE /admin/users/${person.user.id}/sessions/${sid}`, admin)
    assertProblem(answer, 'not_found', { detail })
  }
  assert.equal((await verify(server, other)).statusCode, 200)
})

test('a locked account shows until when, and an administrator unlocks it', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id, username } = await newAccount(server)
  const signIn = (password: string) => call(server, 'POST /login', { username, password })
  for (let count = 0; count < 10; count++) await signIn('wrong')
  const url = `/admin/users/${id}`

  const { lockedUntil } = (await ask(server, `GET ${url}`, admin)).json<AdminUserView>()
  const { items } = (await ask(server, `GET /admin/users?q=${id}`, admin)).json()
  assert.equal(lockedUntil, new Date(server.clock() + 15 * 60_000).toISOString())
  assert.deepEqual([items.length, items[0].lockedUntil], [1, lockedUntil])
  assertProblem(await signIn(PASSWORD), 'invalid_credentials')
  const unlocked = await ask(server, `DELETE ${url}/lockout`, admin)

  assert.equal(unlocked.statusCode, 204)
  assert.equal((await ask(server, `GET ${url}`, admin)).json().lockedUntil, null)
  assert.equal((await signIn(PASSWORD)).statusCode, 200)
  const types = (await eventsOf(server, id)).map(({ type }) => type)
  assert.ok(types.includes('account_unlocked'))
})

test('a reset mail is what the owner would ask for, past all limits', async (t) => {
  const server = await startServer(t, { env: { EMAIL_VERIFICATION: 'off' } })
  const admin = await newAdmin(server)
  const { id, email, username } = await newAccount(server)
  const message = 'The mail is on its way to the address of the account.'

  for (let count = 0; count < 5; count++) {
    const answer = await ask(server, `POST /admin/users/${id}/reset-mail`, admin)
    assert.deepEqual([answer.statusCode, answer.json()], [202, { message }])
  }
  const [mail] = await mailsTo(server, email, 5)
  assert.ok(mail)
  const { challenge = '', purpose } = linkIn(mail).fields
  const done = await answerReset(server, challenge, codeIn(mail))

  assert.deepEqual([purpose, done.statusCode], ['reset_password', 200])
  assert.ok(!mail.text.includes('127.0.0.1'))
  const signIn = await call(server, 'POST /login', { username, password: NEW_PASSWORD })
  assert.equal(signIn.statusCode, 200)
})

test('no mail goes to a disabled account, and nothing is done to nobody', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  await ask(server, `PATCH /admin/users/${id}`, admin, { body: { disabled: true } })

  const answer = await ask(server, `POST /admin/users/${id}/reset-mail`, admin)

  assertProblem(answer, 'not_found', { detail: 'The account is disabled; enable it first.' })
  for (const line of [
    ...['GET sessions', 'DELETE sessions', `DELETE sessions/${NOBODY}`, 'DELETE lockout'],
    ...['DELETE factors', 'POST reset-mail'],
  ]) {
    const [method, path] = line.split(' ')
    const of = await ask(server, `${method} /admin/users/${NOBODY}/${path}`, admin)
    assertProblem(of, 'not_found', { detail: 'There is no such account.' })
  }
})

test('an administrator with a factor writes only after having shown it', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  await giveApp(server, admin)

  const answer = await ask(server, `DELETE /admin/users/${id}/lockout`, admin)

  assert.equal(answer.json<{ code: string }>().code, 'step_up_required')
  assert.match(String(answer.headers['www-authenticate']), /acr_values="aal2"/)
  assert.ok(!answer.json().challenge.methods.includes('password'))
  assert.equal((await ask(server, `GET /admin/users/${id}`, admin)).statusCode, 200)
})

test('the owner is told of lost factors, and the password alone signs in', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await personWithApp(server)
  const { id } = person.user
  assert.equal((await ask(server, `GET /admin/users/${id}`, admin)).json().secondFactor, true)

  const removed = await ask(server, `DELETE /admin/users/${id}/factors`, admin)
  const again = await ask(server, `DELETE /admin/users/${id}/factors`, admin)

  assert.deepEqual([removed.statusCode, again.statusCode], [204, 204])
  assertProblem(await verify(server, person), 'session_ended')
  assert.equal((await login(server, person)).statusCode, 200)
  const subjects = await subjectsTo(server, person.email, 1)
  assert.ok(subjects.includes('A way to sign in to localhost:3000 was removed'), subjects.join())
  const events = (await eventsOf(server, id)).filter(({ type }) => type === 'factor_removed')
  assert.deepEqual(events, [{ type: 'factor_removed', detail: 'all, by an administrator' }])
})
