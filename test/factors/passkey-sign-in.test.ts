// Sign-ins with a passkey: alone, and beside a password (ASVS 5.0 6.3.3, 6.5.7, 6.7.2). Forged
// ones: passkey-forgeries.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FLAGS } from '../../src/testing/authenticator.ts'
import { assertSession, auditEntries, call } from '../support/answers.ts'
import { bearer, refresh, signedUp } from '../support/factories.ts'
import { challengeIn, giveApp, login } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import {
  answerByPasskey,
  askForFactor,
  begunByPasskey,
  givePasskey,
  handleOf,
  type PasskeyView,
  passkeysOf,
  personWithPasskey,
} from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'

const env = { RATE_LIMITS: 'off' }
const { present, verified, eligible, backedUp } = FLAGS

test('a passkey alone signs in: both factors, and nobody had to say a name', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)

  const { token, passkey, ...view } = await begunByPasskey(server)
  const answer = await answerByPasskey(server, token, person.passkey.use(passkey.challenge))

  assert.deepEqual(view, { purpose: 'sign_in', methods: ['passkey'], expiresIn: 3600 })
  const message = `Welcome back, ${person.username}!`
  const session = assertSession(server, answer, { user: person.user, message })
  assert.deepEqual(await claimsOf(server, session), [['hwk', 'user', 'mfa'], 'aal2'])
  assert.equal((await refresh(server, session.refresh_token)).statusCode, 200)
  assert.equal((await auditEntries(server)).at(-1)?.detail, 'hwk user mfa')
  const [stored] = await passkeysOf(server, person)
  assert.equal(stored?.lastUsedAt?.getTime(), server.clock())
})

test('a page may have been open for nearly an hour', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)
  const [early, late] = [await begunByPasskey(server), await begunByPasskey(server)]

  server.clock.advance(3599)
  const answer = await answerByPasskey(server, early.token, signed(person, early))
  server.clock.advance(1)

  assert.equal(answer.statusCode, 200, answer.body)
  assertProblem(await answerByPasskey(server, late.token, signed(person, late)), 'challenge_over')
})

for (const [flags, amr, acr] of [
  [present | verified, ['pwd', 'hwk', 'user', 'mfa'], 'aal2'],
  [present, ['pwd', 'hwk', 'mfa'], 'aal2'],
  [present | eligible | backedUp, ['pwd', 'swk', 'mfa'], 'aal2'],
] as const) {
  test(`beside a password, a passkey with flags ${flags} is the second factor`, async (t) => {
    const server = await startServer(t)
    const person = await personWithPasskey(server, { flags })
    await askForFactor(server, person)

    const challenge = challengeIn<PasskeyView>(await login(server, person))
    const answer = await answerByPasskey(server, challenge.token, signed(person, challenge))

    assert.deepEqual(challenge.methods, ['passkey'])
    assert.equal(answer.statusCode, 200, answer.body)
    assert.deepEqual(await claimsOf(server, answer.json()), [amr, acr])
  })
}

test('of several second factors any one will do, and a passkey alone needs no other', async (t) => {
  const server = await startServer(t)
  const person = await givePasskey(server, await giveApp(server, await signedUp(server)))

  const challenge = challengeIn<PasskeyView>(await login(server, person))
  const beside = await answerByPasskey(server, challenge.token, signed(person, challenge))
  const begun = await begunByPasskey(server)
  const alone = await answerByPasskey(server, begun.token, signed(person, begun))

  assert.deepEqual(challenge.methods, ['passkey', 'totp'])
  assert.deepEqual([beside.statusCode, alone.statusCode], [200, 200])
})

test('a wrong passkey is refused like any wrong proof, known or not', async (t) => {
  const server = await startServer(t, { env })
  const person = await personWithPasskey(server)
  const other = await personWithPasskey(server)
  const { token, passkey } = await begunByPasskey(server)
  const { challenge } = passkey
  const wrong = [
    person.passkey.use(challenge, { credential: { id: 'AAAA', rawId: 'AAAA' } }),
    person.passkey.use(challenge, { flags: present }),
    person.passkey.use(challenge, { response: { userHandle: handleOf(other) } }),
    person.passkey.use(challenge, { client: { origin: 'https://evil.example' } }),
  ]

  for (const [index, credential] of wrong.entries()) {
    const refused = await answerByPasskey(server, token, credential, {
      origin: 'https://evil.example',
    })
    const attemptsLeft = 4 - index
    assertProblem(refused, 'invalid_credentials', {
      ...{ detail: 'The proof is wrong.', members: { attemptsLeft } },
    })
  }
  const right = await answerByPasskey(server, token, person.passkey.use(challenge))
  assert.equal(right.statusCode, 200, right.body)
})

test('the passkey of a disabled account is refused like an unknown one', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)
  const data = { disabledAt: new Date() }
  await server.database.client.user.update({ where: { id: person.user.id }, data })
  const begun = await begunByPasskey(server)

  const refused = await answerByPasskey(server, begun.token, signed(person, begun))

  assertProblem(refused, 'invalid_credentials', {
    ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 4 } },
  })
})

test('an answer of one challenge is nothing to another one', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)
  const [one, other] = [await begunByPasskey(server), await begunByPasskey(server)]

  const refused = await answerByPasskey(server, other.token, signed(person, one))

  assert.equal(refused.json().code, 'invalid_credentials')
})

test('a lost answer comes again, from another server, and one of many at once has an effect', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await personWithPasskey(first)
  const sessions = () => first.database.client.session.count({ where: { userId: person.user.id } })
  const before = await sessions()
  const begun = await begunByPasskey(first)
  const credential = signed(person, begun, { counter: 7 })

  const answers = await Promise.all(
    crowd((index) => {
      const headers = { 'idempotency-key': 'key' }
      return answerByPasskey(index % 2 ? first : second, begun.token, credential, headers)
    }),
  )

  assert.deepEqual(statuses(answers), { 200: 50 })
  assert.equal(new Set(answers.map((answer) => answer.json().sessionId)).size, 1)
  assert.equal((await sessions()) - before, 1)
  const types = (await auditEntries(first)).map(({ type }) => type)
  assert.ok(!types.includes('factor_cloned'))
})

test('a cookie session needs an allowed origin, and gets its cookies', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)
  const begun = await begunByPasskey(server, 'cookie')
  const credential = signed(person, begun)

  const foreign = await answerByPasskey(server, begun.token, credential, {
    origin: 'https://evil.example',
  })
  const own = await answerByPasskey(server, begun.token, credential)

  assert.equal(foreign.json().code, 'csrf_rejected')
  assert.equal(own.statusCode, 200, own.body)
  assert.equal(own.cookies.length, 2)
})

test('where the server has no domain, there are no passkeys', async (t) => {
  const env = { PUBLIC_URL: 'http://127.0.0.1:3000' }
  const server = await startServer(t, { env })

  const refused = await call(server, 'POST /challenges', { purpose: 'sign_in' })

  assertProblem(refused, 'not_found', { detail: 'This server does not offer this purpose.' })
})

type Person = Awaited<ReturnType<typeof personWithPasskey>>

function signed(
  { passkey }: Person,
  { passkey: options }: PasskeyView,
  forgery?: Parameters<Person['passkey']['use']>[1],
) {
  return passkey.use(options.challenge, forgery)
}

async function claimsOf(
  server: TestServer,
  { access_token }: { access_token: string | undefined },
) {
  const claims = await call(server, 'GET /verify', undefined, bearer(access_token))
  return [claims.json().amr, claims.json().acr]
}
