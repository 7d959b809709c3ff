// Sign-ins of accounts with a second factor (ASVS 5.0 6.3.3, 6.3.4). The codes of apps in detail:
// totp.test.ts; passkeys: passkey-sign-in.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, call } from '../support/answers.ts'
import {
  bearer,
  DEVICE_COOKIE,
  ORIGIN,
  REFRESH_COOKIE,
  refresh,
  signedUp,
} from '../support/factories.ts'
import {
  answerByApp,
  challengeIn,
  giveApp,
  login,
  personWithApp,
  shownCode,
  signedInByApp,
} from '../support/factors.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

const headers = { origin: ORIGIN }
const env = { RATE_LIMITS: 'off' }

test('the password of an account with a second factor gives a challenge, and no session', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)

  const answer = await login(server, person)

  const challenge = challengeIn(answer)
  assertProblem(answer, 'second_factor_required', {
    authenticate: ', acr_values="aal2"',
    members: { challenge },
  })
  const { token, ...view } = challenge
  assert.ok(token.length > 0)
  assert.deepEqual(view, { purpose: 'sign_in', methods: ['totp'], expiresIn: 600 })
  assert.equal(answer.cookies.length, 0)
  assert.equal(await server.database.client.session.count(), 1)
})

test('a code of the app completes the password, in both transports', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)
  const user = { ...person.user, secondFactor: true }
  for (const transport of ['body', 'cookie'] as const) {
    server.clock.advance(60)
    const answer = await signedInByApp(server, person, { transport })
    const message = `Welcome back, ${person.username}!`
    const session = assertSession(server, answer, { user, message, transport })
    const token = await call(server, 'GET /verify', undefined, bearer(session.access_token))
    const { amr, acr } = token.json()
    assert.deepEqual([amr, acr], [['pwd', 'otp', 'mfa'], 'aal2'])
    const names = answer.cookies.map(({ name }) => name).toSorted()
    const expected = transport === 'cookie' ? [DEVICE_COOKIE, REFRESH_COOKIE] : [DEVICE_COOKIE]
    assert.deepEqual(names, expected)
  }
})

test('a wrong password of such an account is refused as of any other', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)

  const wrong = await login(server, person, { password: 'not the password of it' })

  assertProblem(wrong, 'invalid_credentials')
  assert.ok(!('challenge' in wrong.json()))
})

test('a wrong code counts as a guess, and five of them end the challenge', async (t) => {
  const server = await startServer(t, { env })
  const person = await personWithApp(server)
  const { token } = challengeIn(await login(server, person))
  const left: number[] = []
  for (const steps of [5, 6, 7, 8, 9]) {
    const answer = await answerByApp(server, token, shownCode(server, person, steps))
    assertProblem(answer, 'invalid_credentials', {
      detail: 'The proof is wrong.',
      members: { attemptsLeft: 9 - steps },
    })
    left.push(answer.json().attemptsLeft)
  }
  assert.deepEqual(left, [4, 3, 2, 1, 0])

  assertProblem(await answerByApp(server, token, shownCode(server, person)), 'challenge_over')
})

test('a factor that is added between password and session leaves no session without it', async (t) => {
  const server = await startServer(t)
  const plain = await signedUp(server)
  const user = await server.services.users.requireOpen(plain.user.id as never)

  await giveApp(server, plain)
  const start = { transport: 'body', device: { ip: null, userAgent: null }, amr: 'pwd' } as const
  const opened = await server.services.sessions.open(user, start)

  assert.equal(opened, undefined)
})

test('a factor that is added while a challenge is open ends the challenge', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)
  const { token } = challengeIn(await login(server, person))

  const where = { id: person.user.id }
  await server.database.client.user.update({
    ...{ where, data: { credentialVersion: { increment: 1 } } },
  })

  assertProblem(await answerByApp(server, token, shownCode(server, person)), 'challenge_over')
})

test('a lost answer comes again from another server, and signs in once', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url })
  const second = await startServer(t, { url, clock: first.clock })
  const person = await personWithApp(first)
  const { token } = challengeIn(await login(first, person))
  const code = shownCode(first, person)
  const again = { headers: { 'idempotency-key': 'one' } }

  const answers = [
    await answerByApp(first, token, code, again),
    await answerByApp(second, token, code, again),
    await answerByApp(second, token, code, { headers: { 'idempotency-key': 'two' } }),
  ]

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 410],
  )
  const [one, two] = answers.map((answer) => answer.json().refresh_token)
  assert.equal(one, two)
  assert.equal((await refresh(second, two)).statusCode, 200)
})

test('a trusted browser leaves out the factor, in a session of one factor', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)
  const { token } = challengeIn(await login(server, person))
  const body = { trustDevice: true }
  const trusted = await answerByApp(server, token, shownCode(server, person), { body, headers })
  const cookie = `${DEVICE_COOKIE}=${trusted.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value}`

  const answer = await login(server, person, { cookie })

  assert.equal(answer.statusCode, 200, answer.body)
  const token2 = await call(server, 'GET /verify', undefined, bearer(answer.json().access_token))
  assert.deepEqual([token2.json().amr, token2.json().acr], [['pwd'], 'aal1'])
})

test('trust ends after its time, with a factor or a password, and is nobody else’s', async (t) => {
  const server = await startServer(t)
  const [person, other] = [await personWithApp(server), await personWithApp(server)]
  const { token } = challengeIn(await login(server, person))
  const body = { trustDevice: true }
  const answer = await answerByApp(server, token, shownCode(server, person), { body, headers })
  const device = answer.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value ?? ''
  const cookie = `${DEVICE_COOKIE}=${device}`
  const asks = async (who: { username: string }, sent = cookie) =>
    (await login(server, who, { cookie: sent })).statusCode === 401

  const [entry = '', mac = '', end = '', code = ''] = device.split('.')
  const longer = `${DEVICE_COOKIE}=${[entry, mac, Number(end) + 1, code].join('.')}`
  assert.deepEqual(
    [await asks(person), await asks(other), await asks(person, longer)],
    [false, true, true],
  )
  const wrong = await login(server, person, { cookie, password: 'not the password of it' })
  assert.equal(wrong.statusCode, 401)

  server.clock.advance(30 * 86_400 - 1)
  assert.equal(await asks(person), false)
  server.clock.advance(1)
  assert.equal(await asks(person), true)
  server.clock.advance(-86_400)
  assert.equal(await asks(person), false)
  await server.database.client.user.update({
    ...{ where: { id: person.user.id }, data: { credentialVersion: { increment: 1 } } },
  })
  assert.equal(await asks(person), true)
})

for (const none of ['0', '0s']) {
  test(`with TRUSTED_DEVICE_TTL=${none} no browser is trusted`, async (t) => {
    const server = await startServer(t, { env: { TRUSTED_DEVICE_TTL: none } })
    const person = await personWithApp(server)
    const { token } = challengeIn(await login(server, person))
    const body = { trustDevice: true }
    const answer = await answerByApp(server, token, shownCode(server, person), { body, headers })
    const device = answer.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value

    const again = await login(server, person, { cookie: `${DEVICE_COOKIE}=${device}` })

    assert.equal(again.json().code, 'second_factor_required')
  })
}

test('a refresh keeps what the session has proved', async (t) => {
  const server = await startServer(t)
  const person = await personWithApp(server)
  const session = (await signedInByApp(server, person)).json()
  server.clock.advance(60)

  const refreshed = await refresh(server, session.refresh_token)

  const token = await call(server, 'GET /verify', undefined, bearer(refreshed.json().access_token))
  assert.equal(token.json().acr, 'aal2')
})
