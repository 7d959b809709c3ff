// A user sees all sessions of the account and ends them (ASVS 5.0 7.5.2, but for its new proof:
// docs/factors.md).
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { auditEntries, call, liveSessions, statementsOf, UUID_V7 } from '../support/answers.ts'
import { bearer, type Opened, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const ask = (server: TestServer, line: string, token: string | undefined) =>
  call(server, line, undefined, bearer(token))

test("GET /sessions lists the user's live sessions with all their fields, last used first", async (t) => {
  const server = await startServer(t)
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
  const start = server.clock()
  const person = await signedUp(server)
  await signedUp(server)
  server.clock.advance(60)
  const inCookie = await signedIn(server, person, { transport: 'cookie' })
  const gone = await signedIn(server, person)
  await ask(server, 'POST /logout', gone.access_token)
  server.clock.advance(60)
  const agent = { 'user-agent': 'Mozilla/5.0 (X11) \u00e9' }
  const { access_token } = (await refresh(server, person.refresh_token, agent)).json<Opened>()

  const response = await ask(server, 'GET /sessions', access_token)

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  const shared = { createdAt: at(60), lastUsedAt: at(60), expiresAt: at(60 + 2_592_000) }
  assert.deepEqual(response.json(), {
    items: [
      {
        id: person.sessionId,
        current: true,
        createdAt: at(0),
        lastUsedAt: at(120),
        expiresAt: at(120 + 2_592_000),
        ip: '127.0.0.1',
        userAgent: 'Mozilla/5.0 (X11) \u00e9',
        transport: 'body',
      },
      {
        id: inCookie.sessionId,
        current: false,
        ...shared,
        ip: '127.0.0.1',
        userAgent: 'lightMyRequest',
        transport: 'cookie',
      },
    ],
  })
})

test('a session keeps 255 characters of a user agent and makes control characters harmless', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const agent = { 'user-agent': `\u001b[31m\tx${'é'.repeat(400)}` }

  const { access_token } = (await refresh(server, person.refresh_token, agent)).json<Opened>()
  const response = await ask(server, 'GET /sessions', access_token)

  const [item] = response.json<{ items: { userAgent: string }[] }>().items
  assert.equal(item?.userAgent, ` [31m x${'é'.repeat(248)}`)
})

test('GET /verify answers from the token alone, without any statement to the database', async (t) => {
  const server = await startServer(t)
  const { user, sessionId, access_token } = await signedUp(server)
  const issued = Math.floor(server.clock() / 1000) * 1000
  const settled = () => statementsOf(server).length
  const before = settled()

  for (let turn = 0; turn < 10; turn++) {
    const response = await ask(server, 'GET /verify', access_token)
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers['cache-control'], 'no-store')
    assert.equal(response.headers['x-user-id'], user.id)
    assert.equal(response.headers['x-user-role'], 'user')
    assert.deepEqual(response.json(), {
      sub: user.id,
      sid: sessionId,
      role: 'user',
      authTime: new Date(issued).toISOString(),
      amr: ['pwd'],
      acr: 'aal1',
      expiresAt: new Date(issued + 900_000).toISOString(),
    })
  }

  // The revocation feed goes on beside it, once a second, whatever is asked.
  assert.equal(settled(), before)
})

test('GET /verify believes no identity that a client sends along', async (t) => {
  const server = await startServer(t)
  const { user, access_token } = await signedUp(server)
  const spoofed = { ...bearer(access_token), 'x-user-id': 'admin', 'x-user-role': 'admin' }

  const response = await call(server, 'GET /verify', undefined, spoofed)
  const queried = await ask(server, 'GET /verify?access_token=x&sub=admin', access_token)

  assert.deepEqual(
    [response.headers['x-user-id'], response.headers['x-user-role']],
    [user.id, 'user'],
  )
  assert.equal(queried.json<{ sub: string }>().sub, user.id)
})

for (const line of [
  'GET /verify',
  'GET /sessions',
  'DELETE /sessions',
  `DELETE /sessions/${randomUUID()}`,
]) {
  test(`${line.replace(/[0-9a-f-]{36}/, ':id')} without a credential answers a bare 401`, async (t) => {
    const server = await startServer(t)

    const bare = await call(server, line)
    const basic = await call(server, line, undefined, { authorization: 'Basic eDp5' })

    assertProblem(bare, 'unauthenticated')
    assertProblem(basic, 'unauthenticated')
  })
}

test('DELETE /sessions/:id ends that session at once and is recorded', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  assert.match(other.sessionId, UUID_V7)

  const line = `DELETE /sessions/${other.sessionId}`
  const response = await ask(server, line, person.access_token)

  assert.equal(response.statusCode, 204)
  assert.equal(response.body, '')
  assert.equal(response.headers['cache-control'], 'no-store')
  assertProblem(await ask(server, 'GET /verify', other.access_token), 'session_ended')
  assertProblem(await refresh(server, other.refresh_token), 'session_ended')
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
  assert.deepEqual((await auditEntries(server)).at(-1), {
    type: 'session_revoked',
    userId: person.user.id,
    sessionId: other.sessionId,
    detail: null,
  })
  const again = await ask(server, line, person.access_token)
  assertProblem(again, 'not_found', { detail: 'You have no session with this id.' })
})

test('DELETE /sessions/:id ends the current session, too', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const line = `DELETE /sessions/${person.sessionId}`
  const response = await ask(server, line, person.access_token)

  assert.equal(response.statusCode, 204)
  assertProblem(await ask(server, 'GET /sessions', person.access_token), 'session_ended')
})

test('DELETE /sessions/:id says the same 404 of a foreign, an unknown and a malformed id', async (t) => {
  const server = await startServer(t)
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const unknown = `${person.sessionId.slice(0, -4)}0000`
  const end = (id: string) => ask(server, `DELETE /sessions/${id}`, person.access_token)

  for (const id of [stranger.sessionId, unknown]) {
    assertProblem(await end(id), 'not_found', { detail: 'You have no session with this id.' })
  }
  const upper = person.sessionId.toUpperCase()
  for (const id of [upper, '1', '%00', '..%2f', `'%20OR%201=1`, '*', '-']) {
    assertProblem(await end(id), 'not_found')
  }

  assert.deepEqual(await liveSessions(server, stranger.access_token), [stranger.sessionId])
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
})

test('DELETE /sessions ends all but the current one and says how many', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const stranger = await signedUp(server)
  const others = [await signedIn(server, person), await signedIn(server, person)]
  const gone = await signedIn(server, person)
  await ask(server, 'POST /logout', gone.access_token)

  const response = await ask(server, 'DELETE /sessions', person.access_token)

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.deepEqual(response.json(), { ended: 2 })
  for (const other of others) {
    assertProblem(await ask(server, 'GET /verify', other.access_token), 'session_ended')
    assertProblem(await refresh(server, other.refresh_token), 'session_ended')
  }
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
  assert.deepEqual(await liveSessions(server, stranger.access_token), [stranger.sessionId])
  const revoked = (await auditEntries(server)).filter(({ type }) => type === 'session_revoked')
  assert.deepEqual(
    revoked.map(({ sessionId }) => sessionId).sort(),
    others.map(({ sessionId }) => sessionId).sort(),
  )
  const again = await ask(server, 'DELETE /sessions', person.access_token)
  assert.deepEqual(again.json(), { ended: 0 })
})

test('DELETE /sessions refuses a body that nobody reads', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await signedIn(server, person)

  const headers = bearer(person.access_token)
  const withBody = await call(server, 'DELETE /sessions', { userId: 'x' }, headers)

  assertFaults(withBody, [' not_allowed'])
  assert.equal((await liveSessions(server, person.access_token)).length, 2)
})
