// The answer to a change of the password kills the older tokens: a client that lost it has no
// others, and finds it again by its `Idempotency-Key`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import {
  bearer,
  DEVICE_COOKIE,
  type Opened,
  ORIGIN,
  PASSWORD,
  refresh,
  signedUp,
} from '../support/factories.ts'
import { giveApp, signedInByApp } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, NEW_PASSWORD, statuses } from '../support/races.ts'

const ENV = { RATE_LIMITS: 'off' }

type Wish = { key?: string; newPassword?: string }

function change(server: TestServer, { access_token }: Opened, wish: Wish = {}) {
  const { key = 'one', newPassword = NEW_PASSWORD } = wish
  const headers = { ...bearer(access_token), origin: ORIGIN, 'idempotency-key': key }
  return call(server, 'PUT /password', { currentPassword: PASSWORD, newPassword }, headers)
}

const changes = async (server: TestServer) =>
  (await auditTypes(server)).filter((type) => type === 'password_changed').length

for (const transport of ['body', 'cookie'] as const) {
  test(`the same change with the token of before gets the renewed session again, from any server (${transport})`, async (t) => {
    const url = await freshDatabase(t)
    const first = await startServer(t, { url, env: { ...ENV, ACCESS_TOKEN_TTL: '5m' } })
    const { clock } = first
    const second = await startServer(t, { url, clock, env: { ...ENV, ACCESS_TOKEN_TTL: '5m' } })
    const person = await signedUp(first, { transport })
    const lost = await change(first, person)
    assert.equal(lost.statusCode, 200, lost.body)
    // Also when the token has expired meanwhile.
    for (const seconds of [0, 301]) {
      clock.advance(seconds)
      for (const server of [first, second]) {
        const again = await change(server, person)

        assert.equal(again.statusCode, 200, again.body)
        assert.equal(again.json().refresh_token, lost.json().refresh_token)
        assert.deepEqual(refreshCookies(again), refreshCookies(lost))
        const me = await call(server, 'GET /me', undefined, bearer(again.json().access_token))
        assert.equal(me.statusCode, 200)
      }
    }
    assert.equal(await changes(first), 1)
  })
}

/** The values alone: the time that is left has changed. */
function refreshCookies({ cookies }: Awaited<ReturnType<typeof change>>) {
  return cookies.filter(({ name }) => name !== DEVICE_COOKIE).map(({ value }) => value)
}

test('a token of before gets nothing for another key, another password, or behind a refresh or an end', async (t) => {
  const server = await startServer(t, { env: ENV })
  const person = await signedUp(server)
  const changed = (await change(server, person)).json<Opened>()
  const stranger = await signedUp(server)

  assertProblem(await change(server, person, { key: 'two' }), 'token_expired')
  const other = { newPassword: 'a third horse, a third battery' }
  assertProblem(await change(server, person, other), 'token_expired')
  const theirs = await change(server, stranger)
  assert.notEqual(theirs.json().sessionId, changed.sessionId)
  assert.equal((await refresh(server, changed.refresh_token)).statusCode, 200)
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  server.clock.advance(1)
  const later = (await refresh(server, changed.refresh_token)).json<Opened>()
  assertProblem(await change(server, person), 'token_expired')
  await call(server, 'POST /logout', undefined, bearer(later.access_token))
  assertProblem(await change(server, person), 'session_ended')
})

test('without a key, or without a token, there is no retry', async (t) => {
  const server = await startServer(t, { env: ENV })
  const person = await signedUp(server)
  await change(server, person)
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }

  const bare = await call(server, 'PUT /password', body, bearer(person.access_token))
  const nobody = await call(server, 'PUT /password', body, { 'idempotency-key': 'one' })

  assertProblem(bare, 'token_expired')
  assertProblem(nobody, 'unauthenticated')
})

test('of 50 equal changes at once one is made, and all have its session', async (t) => {
  const server = await startServer(t, { env: ENV })
  const person = await signedUp(server)

  const answers = await Promise.all(crowd(() => change(server, person)))

  const { 200: good = 0, '503 overloaded': busy = 0, ...others } = statuses(answers)
  assert.deepEqual([others, good + busy], [{}, 50])
  const made = answers.filter(({ statusCode }) => statusCode === 200)
  assert.equal(new Set(made.map((answer) => answer.json().refresh_token)).size, 1)
  assert.equal(await changes(server), 1)
})

test('an account with a second factor loses nothing with the answer either', async (t) => {
  const server = await startServer(t, { env: ENV })
  const person = await giveApp(server, await signedUp(server))
  const session = (await signedInByApp(server, person)).json<Opened>()
  const lost = await change(server, session)
  assert.equal(lost.statusCode, 200, lost.body)

  const again = await change(server, session)

  assert.equal(again.json().refresh_token, lost.json().refresh_token)
})
