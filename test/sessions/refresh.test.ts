import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertNotLogged,
  assertSession,
  auditEntries,
  auditTypes,
  call,
  liveSessions,
  withCookie,
} from '../support/answers.ts'
import {
  bearer,
  type Opened,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { writeNotes } from '../support/seen.ts'

const DAY = 86_400

const expected = ({ user, username, sessionId }: Person, refreshed: string) => ({
  user,
  sessionId,
  refreshed,
  message: `Your session continues, ${username}.`,
})

/** The tokens of so many rotations, each a second past the window of the one before. */
async function rotated(server: TestServer, person: Opened, times: number): Promise<string[]> {
  const tokens = [String(person.refresh_token)]
  for (let turn = 0; turn < times; turn++) {
    if (turn > 0) server.clock.advance(31)
    const response = await refresh(server, tokens.at(-1))
    assert.equal(response.json().refreshed, 'rotated', response.body)
    tokens.push(String(response.json<Opened>().refresh_token))
  }
  return tokens
}

for (const [place, ask] of [
  ['the body', (server, token) => refresh(server, token)],
  [
    'the Authorization header',
    (server, token) => call(server, 'POST /refresh', undefined, bearer(token)),
  ],
  [
    'the body beside a dead access token',
    (server, token) =>
      call(server, 'POST /refresh', { refresh_token: token }, bearer('dead.dead.dead')),
  ],
] as [string, (server: TestServer, token?: string) => ReturnType<typeof refresh>][]) {
  test(`POST /refresh with the current token in ${place} rotates it`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    server.clock.advance(60)

    const response = await ask(server, person.refresh_token)

    const next = assertSession(server, response, expected(person, 'rotated'))
    assert.notEqual(next.refresh_token, person.refresh_token)
    assert.notEqual(next.access_token, person.access_token)
    assert.deepEqual(await liveSessions(server, next.access_token), [person.sessionId])
    assertNotLogged(server, [person.refresh_token, next.refresh_token, next.access_token])
  })
}

test('POST /refresh starts the idle clock again and leaves the sign-in time alone', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const signedInAt = new Date(server.clock())
  server.clock.advance(10 * DAY)

  await refresh(server, person.refresh_token)

  const row = await server.database.client.session.findFirstOrThrow()
  const now = server.clock()
  assert.deepEqual(
    [row.rotatedAt, row.expiresAt, row.endsAt, row.authTime, row.generation],
    [
      new Date(now),
      new Date(now + 30 * DAY * 1000),
      new Date(signedInAt.getTime() + 90 * DAY * 1000),
      signedInAt,
      2,
    ],
  )
})

test('an access token from POST /refresh tells the time of the sign-in, not its own', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const signedInAt = Math.floor(server.clock() / 1000) * 1000
  server.clock.advance(DAY)

  const { access_token } = (await refresh(server, person.refresh_token)).json<Opened>()

  const verify = await call(server, 'GET /verify', undefined, bearer(access_token))
  assert.equal(verify.json<{ authTime: string }>().authTime, new Date(signedInAt).toISOString())
})

test('POST /refresh with the predecessor inside the grace window replays the successor', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = (await refresh(server, person.refresh_token)).json<Opened>()
  server.clock.advance(30)

  const response = await refresh(server, person.refresh_token)

  const again = assertSession(server, response, {
    ...expected(person, 'replayed'),
    refreshExpiresIn: 30 * DAY - 30,
  })
  assert.equal(again.refresh_token, first.refresh_token)
  assert.notEqual(again.access_token, first.access_token)
  server.clock.advance(0.001)
  assert.equal((await refresh(server, first.refresh_token)).json().refreshed, 'rotated')
})

test('POST /refresh with the predecessor of a seen token is theft a moment after the window', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const first = (await refresh(server, person.refresh_token)).json<Opened>()
  assert.equal((await refresh(server, first.refresh_token)).json().refreshed, 'replayed')
  await writeNotes(server)
  server.clock.advance(30)
  assert.equal((await refresh(server, person.refresh_token)).json().refreshed, 'replayed')
  server.clock.advance(0.001)

  const response = await refresh(server, person.refresh_token)

  assertProblem(response, 'session_ended')
  assertProblem(await refresh(server, first.refresh_token), 'session_ended')
  const verify = await call(server, 'GET /verify', undefined, bearer(first.access_token))
  assertProblem(verify, 'session_ended')
  assert.deepEqual(await liveSessions(server, other.access_token), [other.sessionId])
  assert.deepEqual((await auditEntries(server)).at(-1), {
    type: 'refresh_token_reused',
    userId: person.user.id,
    sessionId: person.sessionId,
    detail: null,
  })
})

test('POST /refresh with a token two rotations old is theft, though nobody saw its successors', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const [oldest, , current] = await rotated(server, person, 2)

  const response = await refresh(server, oldest)

  assertProblem(response, 'session_ended')
  assertProblem(await refresh(server, current), 'session_ended')
  const reused = (await auditTypes(server)).filter((type) => type === 'refresh_token_reused')
  assert.equal(reused.length, 1)
})

test('POST /refresh with the same Idempotency-Key replays at any time', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const key = { 'idempotency-key': 'a-lost-answer' }
  const first = (await refresh(server, person.refresh_token, key)).json<Opened>()
  server.clock.advance(20 * DAY)

  const response = await refresh(server, person.refresh_token, key)

  const again = assertSession(server, response, {
    ...expected(person, 'replayed'),
    refreshExpiresIn: 10 * DAY,
  })
  assert.equal(again.refresh_token, first.refresh_token)
})

test('POST /refresh past the window of a seen token is theft without the Idempotency-Key of the rotation', async (t) => {
  const server = await startServer(t)

  for (const headers of [{ 'idempotency-key': 'another' }, {}]) {
    const person = await signedUp(server)
    const key = { 'idempotency-key': 'one' }
    const next = (await refresh(server, person.refresh_token, key)).json<Opened>()
    server.clock.advance(31)
    await call(server, 'GET /verify', undefined, bearer(next.access_token))
    await writeNotes(server)
    assert.equal((await refresh(server, person.refresh_token, key)).statusCode, 200)
    assertProblem(await refresh(server, person.refresh_token, headers), 'session_ended')
    const sessions = await server.database.client.session.findMany({
      where: { id: person.sessionId },
    })
    assert.equal(sessions[0]?.revokedReason, 'refresh_token_reused')
  }
})

test('POST /refresh with the Idempotency-Key of a used successor is theft', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const key = { 'idempotency-key': 'one' }
  const first = (await refresh(server, person.refresh_token, key)).json<Opened>()
  server.clock.advance(31)
  await refresh(server, first.refresh_token)

  assertProblem(await refresh(server, person.refresh_token, key), 'session_ended')
})

test('POST /refresh refuses an Idempotency-Key that is empty, too long or no plain text', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const keyed = (value: string) =>
    refresh(server, person.refresh_token, { 'idempotency-key': value })

  assertFaults(await keyed('x'.repeat(256)), ['/idempotency-key too_long'])
  assertFaults(await keyed('two words'), ['/idempotency-key invalid_format'])
  assertFaults(await keyed('é'), ['/idempotency-key invalid_format'])

  assert.equal((await keyed('x'.repeat(255))).json().refreshed, 'rotated')
})

test('a clock that goes back an hour revives nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const [first] = await rotated(server, person, 2)
  server.clock.advance(3600)
  assertProblem(await refresh(server, first), 'session_ended')
  server.clock.advance(-3600)

  assertProblem(await refresh(server, first), 'session_ended')
})

test('POST /refresh carries on from a token that a restored database does not know yet', async (t) => {
  const server = await startServer(t)
  const { session } = server.database.client
  const person = await signedUp(server)
  const backup = await session.findFirstOrThrow()
  const tokens = await rotated(server, person, 3)
  await session.updateMany({ data: backup })

  const response = await refresh(server, tokens[3])

  assertSession(server, response, expected(person, 'rotated'))
  assert.deepEqual((await auditEntries(server)).at(-1), {
    type: 'session_restored',
    userId: person.user.id,
    sessionId: person.sessionId,
    detail: '3 generations',
  })
  assertProblem(await refresh(server, tokens[0]), 'session_ended')
})

test('POST /refresh without a token answers a bare 401', async (t) => {
  const server = await startServer(t)
  const wrongPlace = { cookie: 'Latchkey-Refresh=x; __host-latchkey-refresh=x' }

  const responses = [
    await call(server, 'POST /refresh'),
    await call(server, 'POST /refresh', {}),
    await call(server, 'POST /refresh', {}, wrongPlace),
  ]

  for (const response of responses) assertProblem(response, 'unauthenticated')
})

test('POST /refresh refuses wrong types, unknown fields, and lists', async (t) => {
  const server = await startServer(t)
  const { refresh_token } = await signedUp(server)

  for (const value of [{ not: '' }, [refresh_token], null, 1]) {
    const response = await call(server, 'POST /refresh', { refresh_token: value })
    assertFaults(response, ['/refresh_token wrong_type'])
  }
  const unknown = await call(server, 'POST /refresh', { refresh_token, userId: 'x' })
  assertFaults(unknown, ['/userId unknown_field'])
  assertFaults(await refresh(server, 'x'.repeat(4097)), ['/refresh_token too_long'])

  assert.equal((await refresh(server, refresh_token)).json().refreshed, 'rotated')
})

test('POST /refresh takes a token in its own transport only', async (t) => {
  const server = await startServer(t)
  const inBody = await signedUp(server)
  const inCookie = await signedUp(server, { transport: 'cookie' })

  const wrong = [
    await refresh(server, inCookie.cookie),
    await call(server, 'POST /refresh', undefined, bearer(inCookie.cookie)),
    await call(server, 'POST /refresh', undefined, withCookie(inBody.refresh_token)),
  ]

  for (const response of wrong) assertProblem(response, 'invalid_token')
  assert.equal((await refresh(server, inBody.refresh_token)).statusCode, 200)
  const right = await call(server, 'POST /refresh', undefined, withCookie(inCookie.cookie))
  assert.equal(right.statusCode, 200)
})
