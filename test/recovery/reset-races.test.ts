import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '../support/answers.ts'
import { wrongCode } from '../support/challenges.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import {
  answerReset,
  mailedReset,
  NEW_PASSWORD,
  QUIET,
  RESET_DONE,
  resetFor,
  signInWith,
} from '../support/resets.ts'

const env = { ...QUIET, RATE_LIMITS: 'off' }

/** Two servers on one database, somebody on it, and a reset that was mailed by the first one. */
async function startTwo(t: TestContext) {
  const url = await freshDatabase(t)
  // Mails are in a folder of each server: the second one must not send any.
  const first = await startServer(t, { url, env })
  const relay = { SMTP_URL: 'smtp://127.0.0.1:1' }
  const person = await signedUp(first)
  const reset = await mailedReset(first, person)
  const second = await startServer(t, { url, env: { ...env, ...relay }, clock: first.clock })
  return { first, second, person, ...reset, at: (index: number) => (index % 2 ? second : first) }
}

async function versionOf({ database }: TestServer, id: string): Promise<number> {
  const { credentialVersion } = await database.client.user.findUniqueOrThrow({ where: { id } })
  return credentialVersion
}

test('of 50 right answers with one key, on two servers, one resets and all get its response', async (t) => {
  const { first, at, person, token, code } = await startTwo(t)
  const before = await versionOf(first, person.user.id)

  const answers = await Promise.all(
    crowd((index) => answerReset(at(index), token, code, { key: 'k' })),
  )

  assert.deepEqual(statuses(answers), { 200: 50 })
  for (const answer of answers) assert.deepEqual(answer.json(), RESET_DONE)
  assert.equal(await versionOf(first, person.user.id), before + 1)
  const events = await first.database.client.mail.findMany({ where: { kind: 'password_reset' } })
  assert.ok(events.length <= 1, `${events.length} notices`)
})

test('of 50 right answers without a key one resets, whichever password it brings', async (t) => {
  const { first, at, person, token, code } = await startTwo(t)

  const passwords = Array.from({ length: 50 }, (_, index) => `number ${index} of the crowd`)
  const answers = await Promise.all(
    crowd((index) =>
      answerReset(at(index), token, code, { newPassword: String(passwords[index]) }),
    ),
  )

  assert.deepEqual(statuses(answers), { 200: 1, '410 challenge_over': 49 })
  const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
  const signIn = await signInWith(first, person.username, String(passwords[winner]))
  assert.equal(signIn.statusCode, 200)
})

test('of 50 different wrong codes at once five are compared, and then the right one is refused', async (t) => {
  const { first, at, person, token, code } = await startTwo(t)

  const answers = await Promise.all(
    crowd((index) => answerReset(at(index), token, wrongCode(first, token, index + 1))),
  )

  assert.deepEqual(statuses(answers), { '401 invalid_credentials': 5, '410 challenge_over': 45 })
  assertProblem(await answerReset(first, token, code), 'challenge_over')
  assert.equal((await signInWith(first, person.username, PASSWORD)).statusCode, 200)
})

test('a used reset answers the same request again, and nothing else', async (t) => {
  const { first, second, token, code } = await startTwo(t)

  const done = await answerReset(first, token, code, { key: 'k' })
  const again = await answerReset(second, token, code, { key: 'k' })

  assert.equal(done.statusCode, 200, done.body)
  assert.equal(again.body, done.body)
  const others = [
    await answerReset(second, token, code),
    await answerReset(second, token, code, { key: 'another' }),
    await answerReset(second, token, code, { key: 'k', newPassword: 'something quite different' }),
    await answerReset(second, token, wrongCode(first, token), { key: 'k' }),
  ]
  for (const other of others) assertProblem(other, 'challenge_over')
})

test('codes and challenges of one reset open no other, and damaged ones open none', async (t) => {
  const server = await startServer(t, { env })
  const [one, other] = [await signedUp(server), await signedUp(server)]
  const mine = await mailedReset(server, one)
  const theirs = await mailedReset(server, other)
  const nobody = await resetFor(server, 'nobody-at-all')

  const crossed = await answerReset(server, theirs.token, mine.code)
  const decoy = await answerReset(server, nobody, server.services.challenges.codeOf(nobody) ?? '')

  for (const answer of [crossed, decoy]) assert.equal(answer.json().attemptsLeft, 4)
  const forged = [mine.token.slice(0, -1), `${mine.token.slice(0, -4)}AAAA`, 'A'.repeat(720)]
  for (const token of forged) {
    assertProblem(await answerReset(server, token, mine.code), 'challenge_over')
  }
  assert.equal((await answerReset(server, mine.token, mine.code)).statusCode, 200)
})

test('a session that opens while the password is reset does not outlive it', async (t) => {
  const server = await startServer(t, { env })
  for (let round = 0; round < 5; round++) {
    const person = await signedUp(server)
    const { token, code } = await mailedReset(server, person)

    const [reset, ...logins] = await Promise.all([
      answerReset(server, token, code),
      ...Array.from({ length: 8 }, () => signInWith(server, person.username, PASSWORD)),
    ])

    assert.equal(reset?.statusCode, 200, reset?.body)
    for (const login of logins.filter(({ statusCode }) => statusCode === 200)) {
      const { access_token: token } = login.json()
      assertProblem(await call(server, 'GET /verify', undefined, bearer(token)), 'session_ended')
    }
  }
})

test('a change of the password and a reset at once: one of them holds, and its sessions', async (t) => {
  const server = await startServer(t, { env })
  const changed = 'changed while it was reset'
  for (let round = 0; round < 5; round++) {
    const person = await signedUp(server)
    const { token, code } = await mailedReset(server, person)

    const change = { currentPassword: PASSWORD, newPassword: changed }
    const [reset, put] = await Promise.all([
      answerReset(server, token, code),
      call(server, 'PUT /password', change, bearer(person.access_token)),
    ])

    const outcomes = statuses([reset, put])
    const wins = [reset, put].filter(({ statusCode }) => statusCode === 200)
    assert.equal(wins.length, 1, JSON.stringify(outcomes))
    const password = reset.statusCode === 200 ? NEW_PASSWORD : changed
    assert.equal((await signInWith(server, person.username, password)).statusCode, 200)
  }
})

test('another server refuses the tokens within two seconds', async (t) => {
  const { first, second, person, token, code } = await startTwo(t)
  const other = await signedIn(first, person)
  const verify = () => call(second, 'GET /verify', undefined, bearer(other.access_token))
  assert.equal((await verify()).statusCode, 200)

  assert.equal((await answerReset(first, token, code)).statusCode, 200)
  const from = performance.now()
  while ((await verify()).statusCode === 200 && performance.now() - from < 10_000) await sleep(20)
  const lag = performance.now() - from

  assertProblem(await verify(), 'session_ended')
  t.diagnostic(`${Math.round(lag)} ms`)
  assert.ok(lag < 4000, `${lag} ms`)
})

test('a mail that waits for the relay changes no answer', async (t) => {
  const { second, person } = await startTwo(t)

  const begun = await resetFor(second, person.username)

  const code = second.services.challenges.codeOf(begun) ?? ''
  assert.equal((await answerReset(second, begun, code)).statusCode, 200)
})
