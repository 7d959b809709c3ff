import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertNotLogged,
  assertSession,
  auditEntries,
  BROWSER,
  call,
  liveSessions,
  withCookie,
} from '../support/answers.ts'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Person,
  REFRESH_COOKIE,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertFaults, assertProblem, assertWrongPassword } from '../support/problems.ts'

const NEW = 'a wholly different phrase'
const MESSAGE = 'Your password is changed. Your other sessions have ended.'

const change = (server: TestServer, { access_token }: Opened, body: object, headers = {}) =>
  call(server, 'PUT /password', body, { ...bearer(access_token), ...headers })

const login = (server: TestServer, { username }: Person, password: string) =>
  call(server, 'POST /login', { username, password })

/** Nothing has changed: the old password signs in, and every session is where it was. */
async function assertUnchanged(server: TestServer, person: Person, sessionIds: string[]) {
  assert.deepEqual((await liveSessions(server, person.access_token)).sort(), sessionIds.sort())
  assert.equal((await login(server, person, PASSWORD)).statusCode, 200)
}

test('PUT /password answers with the session carried on and ends all the others', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const stranger = await signedUp(server)
  server.clock.advance(60)

  const body = { currentPassword: PASSWORD, newPassword: NEW, newPasswordConfirm: NEW }
  const response = await change(server, person, body)

  const { user, sessionId } = person
  const opened = assertSession(server, response, { user, sessionId, message: MESSAGE })
  assert.notEqual(opened.refresh_token, person.refresh_token)
  assertProblem(await refresh(server, other.refresh_token), 'session_ended')
  const verify = await call(server, 'GET /verify', undefined, bearer(other.access_token))
  assertProblem(verify, 'session_ended')
  assert.deepEqual(await liveSessions(server, opened.access_token), [sessionId])
  assert.deepEqual(await liveSessions(server, stranger.access_token), [stranger.sessionId])
  assert.equal((await refresh(server, opened.refresh_token)).statusCode, 200)
  assertNotLogged(server, [PASSWORD, NEW, opened.refresh_token])
})

test('PUT /password is what signs in from then on, and the old one no more', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  await change(server, person, { currentPassword: PASSWORD, newPassword: NEW })

  assertProblem(await login(server, person, PASSWORD), 'invalid_credentials')
  assert.equal((await login(server, person, NEW)).statusCode, 200)
  const entries = await auditEntries(server)
  const entry = { userId: person.user.id, sessionId: person.sessionId, detail: null }
  assert.deepEqual(
    entries.filter(({ type }) => type === 'password_changed'),
    [{ type: 'password_changed', ...entry }],
  )
})

test('PUT /password counts as a new proof of identity: auth_time moves', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  server.clock.advance(600)

  const response = await change(server, person, { currentPassword: PASSWORD, newPassword: NEW })
  const { access_token } = response.json<Opened>()

  const verify = await call(server, 'GET /verify', undefined, bearer(access_token))
  const now = Math.floor(server.clock() / 1000) * 1000
  assert.equal(verify.json<{ authTime: string }>().authTime, new Date(now).toISOString())
})

test('PUT /password with a wrong current password changes nothing and is recorded', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)

  const body = { currentPassword: 'wrong password', newPassword: NEW }
  const response = await change(server, person, body)

  assertWrongPassword(response)
  const last = (await auditEntries(server)).at(-1)
  assert.deepEqual([last?.type, last?.userId], ['sign_in_failed', person.user.id])
  await assertUnchanged(server, person, [person.sessionId, other.sessionId])
})

test('PUT /password twice with the same current password succeeds once', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)

  const responses = await Promise.all([
    change(server, person, { currentPassword: PASSWORD, newPassword: `${NEW} 1` }),
    change(server, other, { currentPassword: PASSWORD, newPassword: `${NEW} 2` }),
  ])

  const winner = responses.findIndex(({ statusCode }) => statusCode === 200)
  const loser = responses[1 - winner]
  assert.ok(winner >= 0 && loser)
  const { code } = loser.json<{ code: string }>()
  if (code === 'session_ended') assertProblem(loser, code)
  else assertWrongPassword(loser)
  assert.equal((await login(server, person, `${NEW} ${winner + 1}`)).statusCode, 200)
  assertProblem(await login(server, person, `${NEW} ${2 - winner}`), 'invalid_credentials')
})

for (const [what, newPassword, code] of [
  ['too short', '1234567', 'too_short'],
  ['too common', 'Password1', 'too_common'],
  ['the name of the product', 'LatchKey', 'too_common'],
] as const) {
  test(`PUT /password refuses a new one that is ${what} as weak_password`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)

    const response = await change(server, person, { currentPassword: PASSWORD, newPassword })

    assertFaults(response, [`/newPassword ${code}`], 'weak_password')
    await assertUnchanged(server, person, [person.sessionId])
  })
}

test('PUT /password refuses a new one with the username or the name part of the address', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { username: 'Robin', email: 'hood.r@example.com' })
  const tryOut = (newPassword: string) =>
    change(server, person, { currentPassword: PASSWORD, newPassword })

  const byName = await tryOut('the ROBIN in the snow')
  const byMail = await tryOut('under my Hood.R of red')
  const byBoth = await tryOut('robin and hood.r together')

  assertFaults(byName, ['/newPassword contains_username'], 'weak_password')
  assertFaults(byMail, ['/newPassword contains_email'], 'weak_password')
  const both = ['/newPassword contains_username', '/newPassword contains_email']
  assertFaults(byBoth, both, 'weak_password')
  await assertUnchanged(server, person, [person.sessionId])
})

test('PUT /password reports all issues at once', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const unchanged = { currentPassword: PASSWORD, newPassword: PASSWORD }
  assertFaults(await change(server, person, unchanged), ['/newPassword unchanged'])
  const mixed = { newPassword: 'short', newPasswordConfirm: 'other', userId: 'x' }
  assertFaults(await change(server, person, mixed), [
    '/currentPassword required',
    '/newPassword too_short',
    '/newPasswordConfirm mismatch',
    '/userId unknown_field',
  ])
  const long = { currentPassword: PASSWORD, newPassword: 'x'.repeat(129) }
  assertFaults(await change(server, person, long), ['/newPassword too_long'])
  assertFaults(await change(server, person, {}), [
    '/currentPassword required',
    '/newPassword required',
  ])
  for (const value of [{ set: 'x' }, ['x'], null, 12345678, true]) {
    const body = { currentPassword: value, newPassword: value, newPasswordConfirm: value }
    const wrong = Object.keys(body).map((field) => `/${field} wrong_type`)
    assertFaults(await change(server, person, body), wrong)
  }

  await assertUnchanged(server, person, [person.sessionId])
})

test('PUT /password without a credential answers a bare 401, with or without a cookie', async (t) => {
  const server = await startServer(t)
  const { cookie } = await signedUp(server, { transport: 'cookie' })

  const body = { currentPassword: PASSWORD, newPassword: NEW }
  const response = await call(server, 'PUT /password', body, withCookie(cookie))

  assertProblem(response, 'unauthenticated')
})

test('PUT /password answers 415 to a form', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const form = new URLSearchParams({ currentPassword: PASSWORD, newPassword: NEW }).toString()

  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const headers = { ...bearer(person.access_token), ...type }
  const response = await call(server, 'PUT /password', form, headers)

  assertProblem(response, 'unsupported_media_type')
  await assertUnchanged(server, person, [person.sessionId])
})

test('PUT /password of a cookie session puts the next refresh token into the cookie', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })

  const body = { currentPassword: PASSWORD, newPassword: NEW }
  const response = await change(server, person, body, BROWSER)

  const { user, sessionId } = person
  assertSession(server, response, { user, sessionId, message: MESSAGE, transport: 'cookie' })
  const cookie = response.cookies.find(({ name }) => name === REFRESH_COOKIE)?.value
  const next = await call(server, 'POST /refresh', undefined, withCookie(cookie))
  assert.equal(next.statusCode, 200)
})

test('PUT /password of a cookie session needs an allowed origin', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })

  const body = { currentPassword: PASSWORD, newPassword: NEW }
  const response = await change(server, person, body, { origin: 'https://evil.example' })

  const detail = 'The Origin header names an origin that is not listed in CORS_ORIGINS.'
  assertProblem(response, 'csrf_rejected', { detail })
  await assertUnchanged(server, person, [person.sessionId])
})
