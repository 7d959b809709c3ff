import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answerWith,
  begun,
  codeOf,
  effectsOn,
  rowsOf,
  startTrial,
  wrongCode,
} from '../support/challenges.ts'
import { cookieOf, ORIGIN, refresh, signedUp } from '../support/factories.ts'
import { freshDatabase } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses, tally } from '../support/races.ts'

const env = { RATE_LIMITS: 'off' }

/** Two servers on one database, and somebody on it. */
async function startTwo(t: Parameters<typeof startTrial>[0]) {
  const url = await freshDatabase(t)
  const first = await startTrial(t, { url, env })
  const second = await startTrial(t, { url, env, clock: first.clock })
  const person = await signedUp(first)
  return { first, second, ...person, at: (index: number) => (index % 2 ? second : first) }
}

test('of 50 equal right answers with one key, on two servers, one has an effect and all its response', async (t) => {
  const { first, second, at, username, user } = await startTwo(t)
  const { token } = await begun(first, username)
  const code = codeOf(second, token)

  const answers = await Promise.all(crowd((index) => answerWith(at(index), token, code, 'one-key')))

  assert.deepEqual(statuses(answers), { 200: 50 })
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1)
  assert.equal(await effectsOn(first, user.id), 1)
  assert.equal(first.trial.commits + second.trial.commits, 1)
})

test('of 50 right answers with five keys, the ten with the key that was first get the response', async (t) => {
  const { first, at, username, user } = await startTwo(t)
  const { token } = await begun(first, username)
  const code = codeOf(first, token)

  const answers = await Promise.all(
    crowd((index) => answerWith(at(index), token, code, `key-${index % 5}`)),
  )

  assert.deepEqual(statuses(answers), { 200: 10, '410 challenge_over': 40 })
  assert.equal(await effectsOn(first, user.id), 1)
})

test('of 50 right answers without a key, one gets the response', async (t) => {
  const { first, at, username, user } = await startTwo(t)
  const { token } = await begun(first, username)
  const code = codeOf(first, token)

  const answers = await Promise.all(crowd((index) => answerWith(at(index), token, code)))

  assert.deepEqual(statuses(answers), { 200: 1, '410 challenge_over': 49 })
  assert.equal(await effectsOn(first, user.id), 1)
})

test('of 50 different wrong codes at once, on two servers, five are compared', async (t) => {
  const { first, at, username, user } = await startTwo(t)
  const { token } = await begun(first, username)

  const answers = await Promise.all(
    crowd((index) => answerWith(at(index), token, wrongCode(first, token, index + 1))),
  )
  const right = await answerWith(first, token, codeOf(first, token))

  assert.deepEqual(statuses(answers), { '401 invalid_credentials': 5, '410 challenge_over': 45 })
  assertProblem(right, 'challenge_over')
  assert.deepEqual(
    (await rowsOf(first)).map(({ attempts, usedAt }) => ({ attempts, usedAt })),
    [{ attempts: 5, usedAt: null }],
  )
  assert.equal(await effectsOn(first, user.id), 0)
})

test('a request that fails in its transaction changes nothing, and its retry does it', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)
  const { token } = await begun(server, username)
  const code = codeOf(server, token)

  server.trial.failsIn = 'effect'
  const failed = await answerWith(server, token, code, 'key')
  const between = await rowsOf(server)
  const retried = await answerWith(server, token, code, 'key')

  assert.equal(failed.statusCode, 500)
  assert.deepEqual(
    between.map(({ attempts, usedAt, keyHash }) => ({ attempts, usedAt, keyHash })),
    [{ attempts: 1, usedAt: null, keyHash: null }],
  )
  assert.equal(retried.statusCode, 200, retried.body)
  assert.equal(await effectsOn(server, user.id), 1)
})

test('a response that was lost after the commit comes again with the key, also from a new server', async (t) => {
  const url = await freshDatabase(t)
  const server = await startTrial(t, { url })
  const { username, user } = await signedUp(server)
  const { token } = await begun(server, username)
  const code = codeOf(server, token)

  server.trial.failsIn = 'commit'
  const lost = await answerWith(server, token, code, 'key')
  await server.close()
  const other = await startTrial(t, { url, clock: server.clock })
  const retried = await answerWith(other, token, code, 'key')
  const again = await answerWith(other, token, code, 'key')

  assert.equal(lost.statusCode, 500)
  assert.equal(retried.statusCode, 200, retried.body)
  assert.equal(again.body, retried.body)
  const [row] = await rowsOf(other)
  assert.equal(retried.json().outcome, row?.outcome)
  for (const [key, spelling] of [
    [undefined, code],
    ['another-key', code],
    ['key', wrongCode(other, token)],
  ] as const) {
    assertProblem(await answerWith(other, token, spelling, key), 'challenge_over')
  }
  assert.equal(await effectsOn(other, user.id), 1)
})

test('a lost answer that opened a session comes again with the same session, in both transports', async (t) => {
  const { first, second, username } = await startTwo(t)
  for (const transport of ['body', 'cookie'] as const) {
    const wish = { purpose: 'trial_entry', transport, headers: { origin: ORIGIN } }
    const { token } = await begun(first, username, wish)
    const code = codeOf(first, token)
    const inBrowser = { headers: { origin: ORIGIN } }

    const lost = await answerWith(first, token, code, 'key', inBrowser)
    const again = await answerWith(second, token, code, 'key', inBrowser)

    assert.equal(lost.statusCode, 200, lost.body)
    const tokens = [lost, again].map((one) => cookieOf(one) ?? one.json().refresh_token)
    assert.deepEqual(tokens, [tokens[0], tokens[0]])
    assert.equal(again.json().sessionId, lost.json().sessionId)
    if (transport === 'body') {
      assert.equal((await refresh(first, tokens[0])).statusCode, 200)
      continue
    }
    const elsewhere = { headers: { origin: 'https://evil.example' } }
    const foreign = await begun(first, username, wish)
    assert.deepEqual(
      tally(
        [
          await answerWith(first, foreign.token, codeOf(first, foreign.token)),
          await answerWith(first, foreign.token, codeOf(first, foreign.token), 'key', elsewhere),
        ].map((answer) => answer.json().code),
      ),
      { csrf_rejected: 2 },
    )
  }
  assert.equal((await rowsOf(first)).length, 2)
})
