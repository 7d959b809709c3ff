// What a sign-in by a mailed code tells a stranger of the account behind a name: nothing (ASVS 5.0
// 6.3.8).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, statementsOf } from '../support/answers.ts'
import { answerWith, wrongCode } from '../support/challenges.ts'
import { DEVICE_COOKIE, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { outboxEmpty, sentTo } from '../support/outbox.ts'
import { visible } from '../support/problems.ts'
import { BY_MAIL, beginSignIn, begunSignIn, logIn, verifiedUser } from '../support/sign-in-codes.ts'

/** The end of a transaction: where a job runs beside a request, nothing tells whose it is. */
const END = /^(?:COMMIT|ROLLBACK)$/

async function lock(server: TestServer, subject: string): Promise<void> {
  const expiresAt = new Date(server.clock() + 86_400_000)
  await server.database.client.signInFailures.create({
    data: { subject, device: 'unknown', failures: 100, expiresAt },
  })
}

test('a sign-in begins, is mailed again and is refused alike for every name', async (t) => {
  const server = await startServer(t, { env: { ...BY_MAIL, RATE_LIMITS: 'off' } })
  const [known, disabled, locked] = [
    await verifiedUser(server),
    await verifiedUser(server),
    await verifiedUser(server),
  ]
  const unverified = await signedUp(server)
  await operator(server).disable(disabled.username)
  await lock(server, locked.user.id)
  await outboxEmpty(server)
  const seen: Record<string, unknown> = {}
  const names = {
    known: known.username,
    byAddress: known.email,
    unverified: unverified.email,
    disabled: disabled.email,
    locked: locked.username,
    unknown: 'nobody-at-all',
    unknownAddress: 'nobody@example.com',
  }
  const mails = await Promise.all(
    [unverified, disabled, locked].map(({ email }) => sentTo(server, email)),
  )

  for (const [what, login] of Object.entries(names)) {
    const before = statementsOf(server).length
    const begun = await beginSignIn(server, login)
    const { token, ...body } = begun.json()
    const { date: _date, ...headers } = visible(begun).headers as Record<string, unknown>
    const answers = [await call(server, 'POST /challenges/send', { challenge: token })]
    for (let guess = 1; guess <= 6; guess++) {
      answers.push(await answerWith(server, token, wrongCode(server, token, guess)))
    }
    const statements = statementsOf(server).slice(before)
    await outboxEmpty(server)
    seen[what] = {
      ...{ status: begun.statusCode, body, headers, sizes: [begun.body.length, token.length] },
      answers: answers.map((one) => [one.statusCode, one.body.replace(/req-[^"]+/, '')]),
      statements: statements
        .filter((sql) => !END.test(sql))
        .map((sql) => sql.replace(/(?:emailKey|usernameKey)` =/g, 'key` =')),
      ends: statements.filter((sql) => END.test(sql)),
    }
  }

  assert.match(JSON.stringify(seen.known), /INSERT INTO Mail.*attemptsLeft|attemptsLeft.*INTO Mail/)
  for (const [what, face] of Object.entries(seen)) assert.deepEqual(face, seen.known, what)
  assert.equal((await sentTo(server, known.email)).length, 4)
  for (const [index, { email }] of [unverified, disabled, locked].entries()) {
    assert.equal((await sentTo(server, email)).length, mails[index]?.length, email)
  }
})

test('the right code of a decoy is not right', async (t) => {
  const server = await startServer(t, { env: BY_MAIL })
  const { token, code } = await begunSignIn(server, 'nobody-at-all')

  const answer = await answerWith(server, token, code)

  assert.equal(answer.json().code, 'invalid_credentials')
})

test('the mail limits of a name hold alike whether somebody has it, also with those of a reset', async (t) => {
  const server = await startServer(t, { env: BY_MAIL })
  const { username } = await verifiedUser(server)

  for (const login of [username, 'nobody-at-all']) {
    const { token } = await begunSignIn(server, login)
    await begunSignIn(server, login.toUpperCase())
    const reset = { purpose: 'reset_password', login }
    assert.equal((await call(server, 'POST /challenges', reset)).statusCode, 201)
    const refused = [
      await beginSignIn(server, login),
      await call(server, 'POST /challenges/send', { challenge: token }),
    ]
    for (const answer of refused) {
      assert.deepEqual([answer.statusCode, answer.json()['violated-policies']], [429, ['mail']])
    }
  }
})

test('a known device has mails of its own, and gets in while unknown ones are locked out', async (t) => {
  const server = await startServer(t, { env: BY_MAIL })
  const { user, username } = await verifiedUser(server)
  const login = await logIn(server, username, PASSWORD)
  const device = login.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  await lock(server, user.id)
  for (let turn = 0; turn < 3; turn++) await begunSignIn(server, username, { ip: '192.0.2.7' })

  assert.equal((await beginSignIn(server, username, { ip: '192.0.2.7' })).statusCode, 429)
  const { token, code } = await begunSignIn(server, username, { device })
  assert.equal((await answerWith(server, token, code)).statusCode, 200)
})
