// Sign-ins with the code of an authenticator app: what a code is good for, and how often, by the
// clock of the server alone (ASVS 5.0 6.3.3, 6.5.1, 6.5.5, 6.5.8).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { asked, enrolled, FREE, prove, STEP, signedInFully } from '../support/enrolment.ts'
import { bearer } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const env = FREE
const wrong = (attemptsLeft: number) => ({
  ...{ detail: 'The proof is wrong.', members: { attemptsLeft } },
})

test('the code of an app completes the password, and the session says so', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)

  const challenge = await asked(server, person)
  server.clock.advance(STEP)
  const answer = await prove(server, challenge.token, person.app.code())

  assert.deepEqual(challenge.methods, ['totp', 'recovery_code'])
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().user.secondFactor, true)
  const { access_token } = answer.json()
  const claims = (await call(server, 'GET /verify', undefined, bearer(access_token))).json()
  assert.deepEqual([claims.amr, claims.acr], [['pwd', 'otp', 'mfa'], 'aal2'])
})

test('a code is good in the step before and after, and not two away', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  for (const [steps, status] of [
    [-2, 401],
    [2, 401],
    [-1, 200],
    [1, 200],
  ] as const) {
    // Far from the steps that were used before.
    server.clock.advance(10 * STEP)
    const { token } = await asked(server, person)
    const answer = await prove(server, token, person.app.code(steps))
    assert.equal(answer.statusCode, status, `${steps}: ${answer.body}`)
  }
})

test('a code signs in once: not in its step, not before it, not after the one that added the app', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const first = await asked(server, person)
  assertProblem(await prove(server, first.token, person.enrolment.code), 'invalid_credentials', {
    ...wrong(4),
  })

  server.clock.advance(2 * STEP)
  const code = person.app.code()
  const answer = await prove(server, first.token, code)
  assert.equal(answer.statusCode, 200, answer.body)
  const second = await asked(server, person)

  assertProblem(await prove(server, second.token, code), 'invalid_credentials', wrong(4))
  const before = person.app.code(-1)
  assertProblem(await prove(server, second.token, before), 'invalid_credentials', wrong(3))
  assert.equal((await prove(server, second.token, person.app.code(1))).statusCode, 200)
  const third = await asked(server, person)
  server.clock.advance(STEP)
  assertProblem(
    await prove(server, third.token, person.app.code()),
    'invalid_credentials',
    wrong(4),
  )
})

test('an hour that the clock goes back brings no used code back, and no end of sign-ins', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  await signedInFully(server, person)

  server.clock.advance(-3600)
  const { token } = await asked(server, person)
  assertProblem(await prove(server, token, person.app.code()), 'invalid_credentials', wrong(4))
  const [code = ''] = person.recoveryCodes
  const recovered = await prove(server, token, code, { method: 'recovery_code' })
  assert.equal(recovered.statusCode, 200, recovered.body)
  server.clock.advance(3600 + STEP)
  const later = await asked(server, person)
  assert.equal((await prove(server, later.token, person.app.code())).statusCode, 200)
})

test('zeros in front, spaces and hyphens do not matter; other digits are wrong, without an error', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  for (let steps = 0; !person.app.code().startsWith('0'); steps++) {
    assert.ok(steps < 1000)
    server.clock.advance(STEP)
  }
  const code = person.app.code()
  const { token } = await asked(server, person)
  const full = [...code].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join('')

  assertProblem(await prove(server, token, full), 'invalid_credentials', wrong(4))
  assertProblem(await prove(server, token, String(Number(code))), 'invalid_credentials', wrong(3))
  const spaced = ` ${code.slice(0, 3)} ${code.slice(3)}`
  assert.equal((await prove(server, token, spaced)).statusCode, 200)
})

test('of one code on 20 challenges at once, on two servers, one signs in', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await enrolled(first)
  const challenges = []
  for (let count = 0; count < 20; count++) challenges.push(await asked(first, person))
  first.clock.advance(STEP)
  const code = person.app.code()

  const answers = await Promise.all(
    challenges.map(({ token }, index) => prove(index % 2 ? second : first, token, code)),
  )

  assert.deepEqual(statuses(answers), { 200: 1, '401 invalid_credentials': 19 })
  const live = { userId: person.user.id, revokedAt: null }
  assert.equal(await first.database.client.session.count({ where: live }), 2)
})

test('of 50 equal right answers on two servers, with a key all get the same session', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await enrolled(first)
  const { token } = await asked(first, person)
  first.clock.advance(STEP)
  const code = person.app.code()

  const answers = await Promise.all(
    crowd((index) => prove(index % 2 ? second : first, token, code, { key: 'key' })),
  )

  assert.deepEqual(statuses(answers), { 200: 50 })
  assert.equal(new Set(answers.map((answer) => answer.json().sessionId)).size, 1)
  const failed = (await auditEntries(first)).filter(({ type }) => type === 'second_factor_failed')
  assert.deepEqual(failed, [])
})

test('the code of somebody else is wrong', async (t) => {
  const server = await startServer(t, { env })
  const [person, other] = [await enrolled(server), await enrolled(server)]
  server.clock.advance(STEP)
  const { token } = await asked(server, person)

  const answer = await prove(server, token, other.app.code())

  if (other.app.code() !== person.app.code()) assert.equal(answer.statusCode, 401)
})

test('without an app there is nothing to prove with one', async (t) => {
  const server = await startServer(t, { env })
  const { username } = await verifiedUser(server)

  const answer = await call(server, 'POST /login', {
    ...{ username, password: 'correct horse battery staple' },
  })

  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().user.secondFactor, false)
})
