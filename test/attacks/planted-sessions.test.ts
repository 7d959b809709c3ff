// Attacks with sessions that an attacker plants before somebody signs in.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { BROWSER, call, liveSessions, withCookie } from '../support/answers.ts'
import {
  bearer,
  cookieOf,
  type Opened,
  PASSWORD,
  type Person,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { encoded, es256, hmac, partsOf, startForge } from '../support/token-forging.ts'

const join = (server: TestServer, more: object, headers: Record<string, string>) => {
  const username = uniqueName()
  const body = { username, email: `${username}@example.com`, password: PASSWORD, ...more }
  return call(server, 'POST /register', body, headers)
}
const logIn = (
  server: TestServer,
  { username }: Person,
  more: object,
  headers: Record<string, string>,
) => call(server, 'POST /login', { username, password: PASSWORD, ...more }, headers)

const assertAlive = async (server: TestServer, { access_token, sessionId }: Opened) =>
  assert.ok((await liveSessions(server, access_token)).includes(sessionId))

test('signing in over a planted session never adopts it, and ends it', async (t) => {
  const server = await startServer(t)
  const victim = await signedUp(server)
  const inCookie = { transport: 'cookie' }
  const ways = [
    (headers: Record<string, string>) => logIn(server, victim, inCookie, headers),
    (headers: Record<string, string>) => join(server, inCookie, headers),
  ]

  for (const signIn of ways) {
    const attacker = await signedUp(server, { transport: 'cookie' })
    const other = await signedIn(server, attacker)
    const response = await signIn(withCookie(attacker.cookie))
    const opened = response.json<Opened>()

    assert.ok([200, 201].includes(response.statusCode), response.body)
    assert.notEqual(opened.sessionId, attacker.sessionId)
    assert.notEqual(opened.user.id, attacker.user.id)
    assert.equal(partsOf(cookieOf(response))[1].sid, opened.sessionId)
    const planted = await call(server, 'POST /refresh', undefined, withCookie(attacker.cookie))
    assertProblem(planted, 'session_ended')
    const verify = await call(server, 'GET /verify', undefined, bearer(attacker.access_token))
    assertProblem(verify, 'session_ended')
    await assertAlive(server, opened)
    await assertAlive(server, other)
  }
})

test('a sign-in that fails, or that asks for no cookie, ends no session of the browser', async (t) => {
  const server = await startServer(t)
  const [person, victim] = [await signedUp(server, { transport: 'cookie' }), await signedUp(server)]
  const own = withCookie(person.cookie)
  const foreign = withCookie(person.cookie, { origin: 'https://evil.example' })
  const cookie = { transport: 'cookie' }
  const taken = { ...cookie, username: victim.username }

  const answers = [
    await logIn(server, victim, { ...cookie, password: 'wrong' }, own),
    await logIn(server, victim, cookie, foreign),
    await join(server, cookie, foreign),
    await join(server, taken, own),
    await join(server, { ...cookie, password: 'short' }, own),
    await logIn(server, victim, {}, own),
    await join(server, {}, own),
  ]

  const statuses = answers.map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [401, 403, 403, 409, 400, 200, 201])
  assert.deepEqual(answers.map(cookieOf), Array(7).fill(undefined))
  await assertAlive(server, person)
})

test('a forged cookie at a sign-in ends no session', async (t) => {
  const forge = await startForge(t)
  const { server, person, refreshHeader, refreshClaims } = forge
  const attacker = await signedUp(server)
  const unsigned = `${encoded({ ...refreshHeader, alg: 'none' })}.${encoded(refreshClaims)}.`
  const forged = [
    hmac(refreshHeader, refreshClaims, ''),
    hmac(refreshHeader, refreshClaims, randomBytes(32)),
    es256(forge.header, forge.claims, forge.foreign.privatePem),
    ...[unsigned, person.access_token, person.sessionId, '', 'x'],
  ]

  for (const cookie of forged) {
    const response = await logIn(server, attacker, { transport: 'cookie' }, withCookie(cookie))
    assert.equal(response.statusCode, 200, response.body)
    await assertAlive(server, person)
  }
})

test('every sign-in makes new ids and tokens and ignores those in the request', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const suggested = { sessionId: person.sessionId, sid: person.sessionId }
  const headers = { ...BROWSER, 'x-session-id': person.sessionId, 'x-request-id': 'chosen' }

  const refused = await logIn(server, person, suggested, headers)
  const opened = [person as Opened]
  for (let time = 0; time < 3; time++) {
    opened.push((await logIn(server, person, {}, headers)).json<Opened>())
  }

  assert.equal(refused.statusCode, 400)
  for (const field of ['sessionId', 'access_token', 'refresh_token'] as const) {
    assert.equal(new Set(opened.map((session) => session[field])).size, 4, field)
  }
})
