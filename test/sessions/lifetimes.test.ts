import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionOf } from '../../src/features/sessions/session.ts'
import {
  assertSession,
  auditTypes,
  call,
  liveSessions,
  refreshCookie,
  withCookie,
} from '../support/answers.ts'
import { bearer, cookieOf, type Opened, refresh, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

const DAY = 86_400

const verify = (server: TestServer, token: string) =>
  call(server, 'GET /verify', undefined, bearer(token))

test('an idle session ends after REFRESH_TOKEN_TTL, at that very moment', async (t) => {
  const server = await startServer(t, { env: { REFRESH_TOKEN_TTL: '2h' } })
  const [person, other] = [await signedUp(server), await signedUp(server)]

  server.clock.advance(7199.999)
  const inTime = await refresh(server, person.refresh_token)
  server.clock.advance(0.001)
  const late = await refresh(server, other.refresh_token)

  assert.equal(inTime.statusCode, 200)
  assert.equal(inTime.json<Opened>().refresh_expires_in, 7200)
  assertProblem(late, 'session_ended')
  const again = await refresh(server, inTime.json<Opened>().refresh_token)
  assert.equal(again.statusCode, 200)
})

test('a session that is refreshed all the time ends after SESSION_MAX_AGE all the same', async (t) => {
  const env = { SESSION_MAX_AGE: '3h', REFRESH_TOKEN_TTL: '2h', ACCESS_TOKEN_TTL: '10m' }
  const server = await startServer(t, { env })
  const person = await signedUp(server)

  server.clock.advance(3600)
  const second = (await refresh(server, person.refresh_token)).json<Opened>().refresh_token
  server.clock.advance(7200 - 60)
  const last = await refresh(server, second)
  server.clock.advance(60)
  const over = await refresh(server, last.json<Opened>().refresh_token)

  // Near the end the access token is shorter, too.
  const { expires_in, refresh_expires_in, refreshAfter } = last.json<Opened>()
  assert.deepEqual([expires_in, refresh_expires_in], [60, 60])
  assert.ok(refreshAfter < 60)
  assertProblem(over, 'session_ended')
})

test('a session hands out a token that lives one second in its last one, and none after it', async (t) => {
  // Begun in the middle of a second, so that the session ends in the middle of one.
  const clock = testClock(1_800_000_000_500)
  const env = { SESSION_MAX_AGE: '1h', REFRESH_TOKEN_TTL: '1h' }
  const server = await startServer(t, { env, clock })
  const person = await signedUp(server)

  clock.advance(3599.9)
  const last = await refresh(server, person.refresh_token)
  const opened = last.json<Opened>()
  const inTime = await verify(server, opened.access_token)
  clock.advance(1)

  assert.equal(last.statusCode, 200)
  assert.deepEqual([opened.expires_in, opened.refreshAfter, opened.refresh_expires_in], [1, 0, 0])
  assert.equal(inTime.statusCode, 200)
  assertProblem(await verify(server, opened.access_token), 'token_expired')
  assertProblem(await refresh(server, opened.refresh_token), 'session_ended')
})

test('REFRESH_GRACE of zero leaves no window past the moment itself', async (t) => {
  const env = { REFRESH_GRACE: '0s', REFRESH_UNSEEN: 'off' }
  const server = await startServer(t, { env })
  const person = await signedUp(server)
  await refresh(server, person.refresh_token)
  server.clock.advance(0.001)

  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
})

test('an access token expires at its exp, not a second before, and says so', async (t) => {
  const server = await startServer(t, { env: { ACCESS_TOKEN_TTL: '60s' } })
  const response = await call(server, 'POST /register', {
    username: 'somebody',
    email: 'somebody@example.com',
    password: 'correct horse battery staple',
  })
  const opened = assertSession(server, response, {
    status: 201,
    user: { username: 'somebody', email: 'somebody@example.com' },
    message: 'Welcome, somebody!',
    expiresIn: 60,
  })
  // The claims are whole seconds: the token may be over up to one second early, never late.
  const issued = Math.floor(server.clock() / 1000) * 1000
  server.clock.advance((issued + 59_999 - server.clock()) / 1000)

  const inTime = await verify(server, opened.access_token)
  server.clock.advance(0.001)
  const late = await verify(server, opened.access_token)

  assert.equal(inTime.statusCode, 200)
  assert.equal(
    inTime.json<{ expiresAt: string }>().expiresAt,
    new Date(issued + 60_000).toISOString(),
  )
  assertProblem(late, 'token_expired')
  assert.equal((await refresh(server, opened.refresh_token)).statusCode, 200)
})

test('a token issued for less than the configured lifetime expires at its own time', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { tokens } = server.services
  const session = sessionOf(await server.database.client.session.findFirstOrThrow())

  const { token, expiresIn } = tokens.issueAccessToken(person.user as never, session, 30)
  const inTime = await verify(server, token)
  server.clock.advance(30)

  assert.equal(expiresIn, 30)
  assert.equal(inTime.statusCode, 200)
  assertProblem(await verify(server, token), 'token_expired')
  for (const seconds of [0, -1, 901, Number.NaN, Number.POSITIVE_INFINITY]) {
    const issue = () => tokens.issueAccessToken(person.user as never, session, seconds)
    assert.throws(issue, RangeError)
  }
})

test('a server whose tokens were made shorter refuses those that are older than that', async (t) => {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url, env: { ACCESS_TOKEN_TTL: '1h' } })
  const { clock } = before
  const after = await startServer(t, { url, clock, env: { ACCESS_TOKEN_TTL: '60s' } })
  const person = await signedUp(before)

  assert.equal((await verify(after, person.access_token)).statusCode, 200)
  clock.advance(61)

  assert.equal((await verify(before, person.access_token)).statusCode, 200)
  assertProblem(await verify(after, person.access_token), 'token_expired')
})

test('the cookie lives as long as its refresh token, by REFRESH_TOKEN_TTL', async (t) => {
  const server = await startServer(t, { env: { REFRESH_TOKEN_TTL: '7d' } })
  const person = await signedUp(server, { transport: 'cookie' })

  const response = await call(server, 'POST /refresh', undefined, withCookie(person.cookie))

  const { 'set-cookie': line } = response.headers
  assert.equal(line, refreshCookie(String(cookieOf(response)), 7 * DAY))
})

test('sessions past their idle end are neither listed, counted nor revocable', async (t) => {
  const server = await startServer(t, { env: { REFRESH_TOKEN_TTL: '1h' } })
  const person = await signedUp(server)
  server.clock.advance(1800)
  const fresh = await signedIn(server, person)
  server.clock.advance(1800)

  const { access_token } = (await refresh(server, fresh.refresh_token)).json<Opened>()
  const listed = await liveSessions(server, access_token)
  const dashboard = await call(server, 'GET /dashboard', undefined, bearer(access_token))
  const line = `DELETE /sessions/${person.sessionId}`
  const revoked = await call(server, line, undefined, bearer(access_token))

  assert.deepEqual(listed, [fresh.sessionId])
  assert.equal(dashboard.json<{ activeSessions: number }>().activeSessions, 1)
  assertProblem(revoked, 'not_found', { detail: 'You have no session with this id.' })
  assert.ok(!(await auditTypes(server)).includes('session_revoked'))
})

test("in a session's last second its access token still lives one second", async (t) => {
  const env = { SESSION_MAX_AGE: '10s', REFRESH_TOKEN_TTL: '10s', ACCESS_TOKEN_TTL: '5s' }
  const server = await startServer(t, { env: { ...env, REFRESH_GRACE: '0s' } })
  const person = await signedUp(server)
  const session = await server.database.client.session.findFirstOrThrow()
  // In the second in which it ends, a moment before it does.
  server.clock.advance((session.endsAt.getTime() - 1 - server.clock()) / 1000)

  const last = await refresh(server, person.refresh_token)

  assert.equal(last.statusCode, 200)
  const { expires_in } = last.json<Opened>()
  assert.ok(expires_in >= 1 && expires_in <= 2, `${expires_in} s`)
  assert.equal((await verify(server, last.json<Opened>().access_token)).statusCode, 200)
})
