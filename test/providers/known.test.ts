// Somebody whom the provider has signed in before: the local second factor, trust in that of the
// provider, trusted devices, and accounts that are closed or locked.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { UserId } from '../../src/platform/ids.ts'
import { auditEntries, call } from '../support/answers.ts'
import { mailsTo } from '../support/email.ts'
import { bearer, DEVICE_COOKIE, type Opened, type Person } from '../support/factories.ts'
import { answerByApp, challengeIn, giveApp, shownCode, type WithApp } from '../support/factors.ts'
import type { TestServer } from '../support/helper.ts'
import { DAY, deviceCookie, PAUSE } from '../support/lockout.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, signInBy, withProvider } from '../support/providers.ts'

const ADA = { email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }
/** The provider says how people have signed in there. */
const configuration = {
  claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'] },
}
const BOTH = ', acr_values="aal2"'
type Place = Awaited<ReturnType<typeof withProvider>>

async function arrive({ server, provider }: Place): Promise<Person> {
  const answer = await signInBy(server, provider, 'one')
  assert.equal(answer.statusCode, 201, answer.body)
  server.clock.advance(1)
  const body = answer.json<Opened>()
  return { ...body, username: body.user.username, email: body.user.email, cookie: undefined }
}

async function strengthOf(server: TestServer, { access_token }: { access_token: string }) {
  const answer = await call(server, 'GET /verify', undefined, bearer(access_token))
  assert.equal(answer.statusCode, 200, answer.body)
  const { amr, acr } = answer.json()
  return { amr, acr }
}

async function placeWithApp(t: TestContext, env = {}, more = {}) {
  const place = await withProvider(t, { one: { ...ADA, ...more } }, { env, configuration })
  const person = await giveApp(place.server, await arrive(place))
  return { ...place, person }
}

/** Sends the answer of the client, which is asked for the factor, and shows it. */
async function throughFactor(place: Place & { person: WithApp }, body = {}) {
  const { server, provider, person } = place
  const asked = await signInBy(server, provider, 'one')
  const { challenge } = asked.json()
  assertProblem(asked, 'second_factor_required', { members: { challenge }, authenticate: BOTH })
  const code = shownCode(server, person)
  const answer = await answerByApp(server, challenge.token, code, { body })
  assert.equal(answer.statusCode, 200, answer.body)
  server.clock.advance(30)
  return answer
}

test('the local factor is asked for behind the provider', async (t) => {
  const place = await placeWithApp(t)
  const { server, person } = place

  const answer = await throughFactor(place)

  assert.equal(answer.json().user.id, person.user.id)
  const strength = { amr: ['fed', 'otp', 'mfa'], acr: 'aal2' }
  assert.deepEqual(await strengthOf(server, answer.json()), strength)
  const signIns = (await auditEntries(server)).filter(({ type }) => type === 'signed_in')
  assert.deepEqual(
    signIns.map(({ detail }) => detail),
    ['fed', 'fed otp mfa'],
  )
})

test('without a factor the provider alone is one proof', async (t) => {
  const one = { ...ADA, amr: ['mfa'], acr: 'high' }
  const place = await withProvider(t, { one }, { configuration })

  const session = await arrive(place)

  assert.deepEqual(await strengthOf(place.server, session), { amr: ['fed'], acr: 'aal1' })
})

test('an answer that asks for the factor may be sent again, with its key too', async (t) => {
  const place = await placeWithApp(t)
  const { server, provider, person } = place
  const back = await returned(server, provider, 'one')
  const headers = { 'idempotency-key': randomUUID() }

  const tokens: string[] = []
  for (let turn = 0; turn < 3; turn++) {
    const asked = await answerBack(server, back, {}, headers)
    tokens.push(challengeIn(asked).token)
  }

  assert.equal(await server.database.client.session.count(), 1)
  const [first = '', second = ''] = tokens
  assert.equal((await answerByApp(server, first, shownCode(server, person))).statusCode, 200)
  const again = await answerByApp(server, second, shownCode(server, person))
  assert.equal(again.json().code, 'invalid_credentials', 'a code of an app is good once')
})

for (const claim of [{ amr: ['pwd', 'mfa'] }, { acr: 'urn:high' }]) {
  test(`a factor that the provider has asked for is trusted: ${Object.keys(claim)}`, async (t) => {
    const env = { OIDC_REAL_TRUST_MFA: 'mfa,urn:high' }
    const { server, provider, person } = await placeWithApp(t, env, claim)

    const answer = await signInBy(server, provider, 'one')

    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal(answer.json().user.id, person.user.id)
    assert.deepEqual(await strengthOf(server, answer.json()), {
      ...{ amr: ['fed', 'mfa'], acr: 'aal2' },
    })
  })
}

test('a factor that is not listed is not trusted', async (t) => {
  const env = { OIDC_REAL_TRUST_MFA: 'mfa' }
  const place = await placeWithApp(t, env, { amr: ['pwd', 'MFA', 'mfa2'], acr: 'mfa,' })

  await throughFactor(place)
})

test('a trusted device leaves out the factor, until the account changes', async (t) => {
  const place = await placeWithApp(t)
  const { server, provider, person } = place
  const trusted = await throughFactor(place, { trustDevice: true })
  const cookie = `${DEVICE_COOKIE}=${deviceCookie(trusted)}`
  const from = async (headers: Record<string, string>) =>
    answerBack(server, await returned(server, provider, 'one'), {}, headers)

  const answer = await from({ cookie })
  const elsewhere = await from({})

  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(await strengthOf(server, answer.json()), { amr: ['fed'], acr: 'aal1' })
  assert.equal(elsewhere.json().code, 'second_factor_required')
  const { client } = server.database
  const data = { credentialVersion: { increment: 1 } }
  await client.user.update({ where: { id: person.user.id }, data })
  assert.equal((await from({ cookie })).json().code, 'second_factor_required')
})

test('a trusted device does not prolong its trust without the factor', async (t) => {
  const place = await placeWithApp(t)
  const { server, provider } = place
  let cookie = deviceCookie(await throughFactor(place, { trustDevice: true }))
  const from = async () => {
    const headers = { cookie: `${DEVICE_COOKIE}=${cookie}` }
    const back = await returned(server, provider, 'one')
    return answerBack(server, back, { trustDevice: true }, headers)
  }

  server.clock.advance(29 * DAY)
  const within = await from()
  cookie = deviceCookie(within)
  server.clock.advance(2 * DAY)

  assert.equal(within.statusCode, 200, within.body)
  assert.equal((await from()).json().code, 'second_factor_required')
})

test('the first sign-in asks nothing and trusts nothing beyond itself', async (t) => {
  const place = await withProvider(t, { one: ADA })
  const { server, provider } = place
  const back = await returned(server, provider, 'one')

  const first = await answerBack(server, back, { trustDevice: true })

  const cookie = `${DEVICE_COOKIE}=${deviceCookie(first)}`
  const body = first.json<Opened>()
  const person = { ...body, username: 'ada', email: ADA.email, cookie: undefined }
  await giveApp(server, person)
  const again = await returned(server, provider, 'one')
  const asked = await answerBack(server, again, {}, { cookie })
  assert.equal(asked.json().code, 'second_factor_required')
})

test('a closed account is refused alike, by its identity and by its address', async (t) => {
  const people = { one: ADA, other: { ...ADA } }
  const place = await withProvider(t, people)
  const { server, provider } = place
  const person = await arrive(place)
  await operator(server).disable(person.username)

  const known = await signInBy(server, provider, 'one')
  const byAddress = await signInBy(server, provider, 'other')

  for (const answer of [known, byAddress]) assertProblem(answer, 'invalid_credentials')
  assert.equal(await server.database.client.identity.count(), 1)
  await operator(server).enable(person.username)
  assert.equal((await signInBy(server, provider, 'one')).statusCode, 200)
})

test('who guesses at the password does not lock out the provider', async (t) => {
  const place = await withProvider(t, { one: ADA })
  const { server, provider } = place
  const { user } = await arrive(place)
  const now = server.clock()
  await server.database.client.signInFailures.create({
    data: {
      ...{ subject: user.id, device: 'unknown', failures: 10 },
      lockedUntil: new Date(now + PAUSE * 1000),
      expiresAt: new Date(now + DAY * 1000),
    },
  })

  assert.equal((await signInBy(server, provider, 'one')).statusCode, 200)
  assert.ok(await server.services.lockout.isClosedTo(user.id as UserId, undefined))
})

test('an identity is not its address: another address at the provider changes nothing', async (t) => {
  const one: Record<string, unknown> = { ...ADA }
  const place = await withProvider(t, { one, victim: { ...ADA, email: 'v@example.com' } })
  const { server, provider } = place
  const person = await arrive(place)
  const victim = (await signInBy(server, provider, 'victim')).json()
  one.email = 'v@example.com'
  server.clock.advance(1)

  const answer = await signInBy(server, provider, 'one')

  assert.equal(answer.json().user.id, person.user.id)
  assert.equal(answer.json().user.email, ADA.email)
  assert.notEqual(victim.user.id, person.user.id)
  const identities = await call(
    server,
    'GET /identities',
    undefined,
    bearer(answer.json().access_token),
  )
  assert.equal(identities.json().items[0].email, 'v@example.com')
})

test('a new device is told of, a known one is not', async (t) => {
  const place = await withProvider(t, { one: ADA })
  const { server, provider } = place
  await arrive(place)

  const answer = await signInBy(server, provider, 'one')
  await server.services.notices.written()
  const told = (await mailsTo(server, ADA.email)).length
  const cookie = `${DEVICE_COOKIE}=${deviceCookie(answer)}`
  await answerBack(server, await returned(server, provider, 'one'), {}, { cookie })
  await server.services.notices.written()

  assert.equal(told, 1)
  assert.equal((await mailsTo(server, ADA.email)).length, 1)
})

test('where the address has to be verified, a known person verifies it, too', async (t) => {
  const place = await withProvider(t, { one: ADA }, { env: { EMAIL_VERIFICATION: 'required' } })
  const { server, provider } = place
  const person = await arrive(place)
  const data = { emailVerified: false }
  await server.database.client.user.update({ where: { id: person.user.id }, data })

  const answer = await signInBy(server, provider, 'one')

  assert.equal(answer.json().code, 'verification_required', answer.body)
  assert.deepEqual(challengeIn(answer).methods, ['mail_code'])
})
