// The answer to a step-up kills the older tokens: a client that lost it has no others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, ORIGIN, refresh, signedUp } from '../support/factories.ts'
import { answerByApp, challengeIn, giveApp, shownCode } from '../support/factors.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

type Wish = { transport?: 'body' | 'cookie' }

/** Somebody who has answered, and what of. */
async function answered(server: TestServer, wish: Wish = {}) {
  const person = await giveApp(server, await signedUp(server, wish))
  const changed = { currentPassword: 'not it', newPassword: 'violet harbour lantern' }
  const refused = await call(server, 'PUT /password', changed, bearer(person.access_token))
  const { token } = challengeIn(refused)
  const code = shownCode(server, person)
  const send = (key: string, given = code, headers = bearer(person.access_token)) =>
    answerByApp(server, token, given, {
      headers: { ...headers, origin: ORIGIN, 'idempotency-key': key },
    })
  const first = await send('one')
  assert.equal(first.statusCode, 200, first.body)
  return { person, send, code, first }
}

for (const transport of ['body', 'cookie'] as const) {
  test(`the same answer with the token of before gets the renewed session again (${transport})`, async (t) => {
    const server = await startServer(t, { env: { ACCESS_TOKEN_TTL: '5m' } })
    const { person, send, first } = await answered(server, { transport })
    const path = 'GET /me'
    assertProblem(await call(server, path, undefined, bearer(person.access_token)), 'token_expired')
    // Also when the token has expired meanwhile.
    server.clock.advance(301)

    const again = await send('one')

    assert.equal(again.statusCode, 200, again.body)
    assert.equal(again.json().sessionId, first.json().sessionId)
    assert.equal(again.json().refresh_token, first.json().refresh_token)
    const { access_token } = again.json()
    assert.equal((await call(server, path, undefined, bearer(access_token))).statusCode, 200)
  })
}

test('a token of before gets nothing for another key, another code or an end of the session', async (t) => {
  const server = await startServer(t)
  const { person, send, code, first } = await answered(server)

  assertProblem(await send('two'), 'challenge_over')
  assertProblem(await send('one', String((Number(code) + 1) % 1_000_000)), 'challenge_over')
  const stranger = await signedUp(server)
  assertProblem(await send('one', code, bearer(stranger.access_token)), 'challenge_over')
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  await call(server, 'POST /logout', undefined, bearer(first.json().access_token))
  assertProblem(await send('one'), 'session_ended')
})
