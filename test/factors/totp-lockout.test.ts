// Guesses at the codes of an app: they count across challenges, for each device, and apart from
// those at passwords (ASVS 5.0 6.3.1, 6.3.5).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries } from '../support/answers.ts'
import { asked, type Enrolled, enrolled, FREE, logIn, prove, STEP } from '../support/enrolment.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { deviceCookie, fail, PAUSE } from '../support/lockout.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { statuses } from '../support/races.ts'
import { subjectsTo } from '../support/resets.ts'

const env = FREE

/** A challenge of a sign-in from a device, or from none that is known. */
async function challengeOf(server: TestServer, { username }: Enrolled, device?: string) {
  const answer = await logIn(server, username, device)
  assert.equal(answer.statusCode, 401, answer.body)
  return answer.json<{ challenge: { token: string } }>().challenge.token
}

/** Wrong codes, five for each challenge. */
async function guess(server: TestServer, person: Enrolled, times: number, device?: string) {
  let token = ''
  for (let time = 0; time < times; time++) {
    if (time % 5 === 0) token = await challengeOf(server, person, device)
    const answer = await prove(server, token, person.app.wrong(time + 1), { device })
    assert.equal(answer.statusCode, 401, answer.body)
  }
}

const paused = (seconds: number, staysShut = false) => ({
  detail: staysShut
    ? 'Too many wrong codes of an app; answer with another method.'
    : `Too many wrong codes of an app; retry in ${seconds} s, or answer with another method.`,
  headers: { 'retry-after': String(seconds) },
})

test('after ten wrong codes in several challenges the right one waits a quarter of an hour', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  await guess(server, person, 10)

  const { token } = await asked(server, person)
  const right = await prove(server, token, person.app.code())
  server.clock.advance(PAUSE - 1)
  const early = await prove(server, (await asked(server, person)).token, person.app.code())
  server.clock.advance(1)
  const { token: later } = await asked(server, person)
  const answer = await prove(server, later, person.app.code())

  assertProblem(right, 'rate_limited', paused(PAUSE))
  assertProblem(early, 'rate_limited', paused(1))
  assert.equal(answer.statusCode, 200, answer.body)
})

test('while codes are paused the challenge stays open, and a recovery code completes it', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  await guess(server, person, 10)
  server.clock.advance(2 * STEP)
  const { token } = await asked(server, person)
  assert.equal((await prove(server, token, person.app.code())).statusCode, 429)

  const [code = ''] = person.recoveryCodes
  const answer = await prove(server, token, code, { method: 'recovery_code' })

  assert.equal(answer.statusCode, 200, answer.body)
})

test('neither a right password nor a recovery code gives more guesses; a right code does', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  await guess(server, person, 9)
  const first = await asked(server, person)
  const [code = ''] = person.recoveryCodes
  assert.equal(
    (await prove(server, first.token, code, { method: 'recovery_code' })).statusCode,
    200,
  )

  await guess(server, person, 1)
  const { token } = await asked(server, person)
  assert.equal((await prove(server, token, person.app.code())).statusCode, 429)
  server.clock.advance(PAUSE)
  const next = await asked(server, person)
  assert.equal((await prove(server, next.token, person.app.code())).statusCode, 200)
  await guess(server, person, 9)
  server.clock.advance(2 * STEP)
  const last = await asked(server, person)
  assert.equal((await prove(server, last.token, person.app.code())).statusCode, 200)
})

test('a used code is not a guess', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  for (let times = 0; times < 12; times++) {
    const { token } = await asked(server, person)
    assert.equal((await prove(server, token, person.enrolment.code)).statusCode, 401)
  }
  server.clock.advance(STEP)

  const { token } = await asked(server, person)

  assert.equal((await prove(server, token, person.app.code())).statusCode, 200)
})

test('a known device has its own count, which strangers do not use up, and opens the account', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  const { token } = await asked(server, person)
  const device = deviceCookie(await prove(server, token, person.app.code()))

  await guess(server, person, 10)
  server.clock.advance(2 * STEP)
  const shut = await prove(server, await challengeOf(server, person), person.app.code())
  assert.equal(shut.statusCode, 429)
  await guess(server, person, 9, device)
  server.clock.advance(2 * STEP)
  const own = await challengeOf(server, person, device)
  const answer = await prove(server, own, person.app.code(), { device })
  assert.equal(answer.statusCode, 200, answer.body)

  server.clock.advance(2 * STEP)
  const open = await prove(server, await challengeOf(server, person), person.app.code())
  assert.equal(open.statusCode, 200, open.body)
  await guess(server, person, 10, device)
  server.clock.advance(2 * STEP)
  const locked = await challengeOf(server, person, device)
  const refused = await prove(server, locked, person.app.code(), { device })
  assertProblem(refused, 'rate_limited', paused(PAUSE - 2 * STEP))
})

test('a hundred wrong codes shut unknown devices out, until an operator or a known device opens', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  const { token } = await asked(server, person)
  const device = deviceCookie(await prove(server, token, person.app.code()))
  const shutOut = async () => {
    for (let tens = 0; tens < 10; tens++) {
      await guess(server, person, 10)
      server.clock.advance(PAUSE)
    }
    server.clock.advance(86_400)
    const shut = await prove(server, await challengeOf(server, person), person.app.code())
    assertProblem(shut, 'rate_limited', paused(PAUSE, true))
  }

  await shutOut()
  const own = await challengeOf(server, person, device)
  assert.equal((await prove(server, own, person.app.code(), { device })).statusCode, 200)
  server.clock.advance(STEP)
  const opened = await prove(server, await challengeOf(server, person), person.app.code())
  assert.equal(opened.statusCode, 200)

  await shutOut()
  await operator(server).unlock(person.username)
  const unlocked = await prove(server, await challengeOf(server, person), person.app.code())
  assert.equal(unlocked.statusCode, 200, unlocked.body)
})

test('wrong passwords and wrong codes lock apart', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  const before = await asked(server, person)
  await fail(server, person, 10)

  const answer = await prove(server, before.token, person.app.code())

  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal((await logIn(server, person.username)).json().code, 'invalid_credentials')
})

test('of 60 different wrong codes at once on two servers not many more than ten are compared', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await enrolled(first)
  const tokens: string[] = []
  for (let count = 0; count < 12; count++) tokens.push((await asked(first, person)).token)

  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      prove(index % 2 ? second : first, tokens[index % 12] ?? '', person.app.wrong(index + 1)),
    ),
  )

  // Each that is counted is told wrong; the rest learn nothing.
  assert.deepEqual(statuses(answers), { '401 invalid_credentials': 10, '429 rate_limited': 50 })
  const { failures } = await first.database.client.signInFailures.findFirstOrThrow({
    where: { subject: person.user.id, device: '2:unknown' },
  })
  assert.equal(failures, 10)
})

test('the owner is told of three wrong codes once a day, and the log of each', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(2 * STEP)
  const sent = async (count: number) => {
    await server.services.audit.written()
    const subjects = await subjectsTo(server, person.email, count)
    return subjects.filter((subject) => subject.startsWith('Wrong codes'))
  }
  await guess(server, person, 2)
  assert.deepEqual(await sent(1), [])
  await guess(server, person, 1)
  assert.deepEqual(await sent(2), ['Wrong codes at a sign-in to localhost:3000'])

  const { token } = await asked(server, person)
  assert.equal((await prove(server, token, person.app.code())).statusCode, 200)
  await guess(server, person, 10)
  assert.equal((await sent(2)).length, 1)

  const entries = await auditEntries(server)
  const failed = entries.filter(({ type }) => type === 'second_factor_failed')
  assert.ok(failed.length >= 1 && failed.every(({ detail }) => detail === 'totp'))
  const locks = entries.filter(({ type }) => type === 'sign_in_locked')
  assert.deepEqual(
    locks.map(({ userId, detail }) => [userId, detail]),
    [[person.user.id, 'codes from unknown devices, 10 failures']],
  )
})
