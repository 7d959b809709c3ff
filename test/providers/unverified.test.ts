// An address that the provider has not verified: nobody looks for its account before a mailed code
// has proved it, so the answer tells nobody who has one.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call, statementsOf } from '../support/answers.ts'
import { answerWith, codeOf, wrongCode } from '../support/challenges.ts'
import { mailsTo } from '../support/email.ts'
import { signedUp } from '../support/factories.ts'
import { challengeIn, giveApp } from '../support/factors.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, withProvider } from '../support/providers.ts'
import { codeIn, QUIET } from '../support/resets.ts'

const CODE = 'Your code for localhost:3000'
const DETAIL = 'Verify your e-mail address first: a code is on its way to it.'
type Answer = Awaited<ReturnType<typeof answerBack>>

/** Everything of the answer but the token, whose length is looked at. */
function faceOf(answer: Answer) {
  const { challenge, instance: _, ...rest } = answer.json()
  const { token, ...view } = challenge
  return { ...rest, challenge: { ...view, token: token.length } }
}

async function workOf(server: TestServer, ask: () => Promise<Answer>) {
  await server.services.notices.written()
  const before = statementsOf(server).length
  const answer = await ask()
  return { face: faceOf(answer), statements: statementsOf(server).slice(before).sort() }
}

const KINDS = ['nobody', 'unverified', 'verified', 'withApp', 'disabled'] as const

/** An account of the kind, with this address. */
async function makeAccount(server: TestServer, kind: (typeof KINDS)[number], email: string) {
  if (kind === 'nobody') return
  const person = await signedUp(server, { email })
  const { id } = person.user
  if (kind === 'withApp') await giveApp(server, person)
  if (kind === 'disabled') await operator(server).disable(person.username)
  const data = { emailVerified: kind !== 'unverified' }
  await server.database.client.user.update({ where: { id }, data })
}

test('answers, statements and mails are alike, with an account or without one', async (t) => {
  const emailOf = (kind: string) => `${kind}@example.com`
  const people = Object.fromEntries(
    KINDS.map((kind) => [kind, { email: emailOf(kind), email_verified: false }]),
  )
  const { server, provider } = await withProvider(t, people, { env: QUIET })
  for (const kind of KINDS) await makeAccount(server, kind, emailOf(kind))

  const seen: Record<string, unknown> = {}
  for (const kind of KINDS) {
    const back = await returned(server, provider, kind)
    const work = await workOf(server, () => answerBack(server, back))
    const mails = await mailsTo(server, emailOf(kind))
    const lines = mails.map(({ subject, purpose, text }) => ({
      ...{ subject, purpose },
      text: text.replaceAll(/\d{4} \d{4}|#\S+|\d\d:\d\d/g, '…'),
    }))
    seen[kind] = { ...work, lines: lines.filter(({ subject }) => subject === CODE) }
  }

  for (const kind of KINDS) assert.deepEqual(seen[kind], seen.nobody, kind)
  const { statements, lines } = seen.nobody as { statements: string[]; lines: object[] }
  assert.ok(statements.length > 0)
  assert.equal(lines.length, 1)
  const lookups = statements.filter((sql) => /emailKey|FROM .?User\b/.test(sql))
  assert.ok(
    lookups.every((sql) => /FROM Challenge|LEFT JOIN/.test(sql)),
    lookups.join('\n'),
  )
})

/** Types the code of the mail, which has no link. */
async function typeCode(server: TestServer, token: string, email: string) {
  const [mail] = await mailsTo(server, email)
  assert.ok(mail)
  assert.ok(!mail.text.includes('#'), mail.text)
  return answerWith(server, token, codeIn(mail))
}

async function unproven(t: Parameters<typeof withProvider>[0], env = {}) {
  const email = `${uniqueName('mail')}@example.com`
  const one = { email, email_verified: false, preferred_username: 'ada' }
  return { email, ...(await withProvider(t, { one }, { env: { ...QUIET, ...env } })) }
}

test('a code to the address, and the same answer with the same key', async (t) => {
  const { server, provider, email } = await unproven(t)
  const [back, key] = [await returned(server, provider, 'one'), randomUUID()]
  const send = () => answerBack(server, back, { username: 'Grace' }, { 'idempotency-key': key })

  const first = await send()
  const { challenge } = first.json()
  assertProblem(first, 'step_up_required', { detail: DETAIL, members: { challenge } })
  assert.deepEqual(
    { ...challenge, token: '', expiresIn: 0 },
    { purpose: 'verify_email', methods: ['mail_code'], token: '', expiresIn: 0 },
  )
  assert.ok(challenge.expiresIn > 0 && challenge.expiresIn <= 300)
  assertProblem(
    await answerWith(server, challenge.token, wrongCode(server, challenge.token)),
    'invalid_credentials',
    { detail: 'The proof is wrong.', members: { attemptsLeft: 4 } },
  )
  assert.equal((await send()).json().code, 'step_up_required')
  const proved = await typeCode(server, challenge.token, email)
  assert.equal(proved.statusCode, 200, proved.body)
  assert.equal(proved.json().email, email)
  const answer = await send()

  assert.equal(answer.statusCode, 201, answer.body)
  const { username, emailVerified } = answer.json().user
  assert.deepEqual([username, emailVerified], ['Grace', true])
  assert.equal((await send()).json().sessionId, answer.json().sessionId)
})

test('the code of one attempt proves nothing for another', async (t) => {
  const { server, provider } = await unproven(t)
  const [one, other] = [
    await returned(server, provider, 'one'),
    await returned(server, provider, 'one'),
  ]
  const { token } = challengeIn(await answerBack(server, one))
  const { token: second } = challengeIn(await answerBack(server, other))

  const crossed = await answerWith(server, second, codeOf(server, token))
  await answerWith(server, token, codeOf(server, token))

  assert.equal(crossed.json().code, 'invalid_credentials')
  assert.equal((await answerBack(server, other)).json().code, 'step_up_required')
  assert.equal((await answerBack(server, one)).statusCode, 201)
  server.clock.advance(1)
  // By now the identity is known, and its address does not matter any more.
  assert.equal((await answerBack(server, other)).statusCode, 200)
})

test('five wrong codes end the code, and only a new sign-in brings another', async (t) => {
  const { server, provider } = await unproven(t)
  const back = await returned(server, provider, 'one')
  const { token } = challengeIn(await answerBack(server, back))
  for (const number of [1, 2, 3, 4, 5]) {
    await answerWith(server, token, wrongCode(server, token, number))
  }

  assertProblem(await answerWith(server, token, codeOf(server, token)), 'challenge_over')
  const { token: again } = challengeIn(await answerBack(server, back))
  assertProblem(await answerWith(server, again, codeOf(server, again)), 'challenge_over')
  assert.equal((await answerBack(server, back)).json().code, 'step_up_required')
})

test('a code is mailed again on demand, to the address of the provider', async (t) => {
  const { server, provider, email } = await unproven(t)
  const back = await returned(server, provider, 'one')
  const { token } = challengeIn(await answerBack(server, back))
  await mailsTo(server, email)

  const sent = await call(server, 'POST /challenges/send', { challenge: token })

  assert.equal(sent.statusCode, 202, sent.body)
  const codes = (await mailsTo(server, email)).map(codeIn)
  assert.equal(codes.length, 2)
  assert.equal(new Set(codes).size, 1)
})

test('the wrong verifier learns nothing of the address, and has no mail sent', async (t) => {
  const { server, provider, email } = await unproven(t)
  const back = await returned(server, provider, 'one')

  const answer = await answerBack(server, { ...back, codeVerifier: 'x'.repeat(43) })

  assert.equal(answer.json().code, 'invalid_credentials')
  assert.deepEqual(await mailsTo(server, email), [])
})

test('a server without mail cannot prove an address', async (t) => {
  const { server, provider, url, settings } = await unproven(t)
  const { email: address } = await signedUp(server)
  const SECRET = randomBytes(48).toString('base64url')
  const production = {
    ...{ ...settings, NODE_ENV: 'production', SECRET, PUBLIC_URL: 'https://auth.example.com' },
    ...{ OIDC_REAL_ISSUER: 'https://id.example.com', CORS_ORIGINS: 'https://app.example.com' },
    ...{ ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '2', RATE_LIMITS: 'on' },
    TRUST_PROXY: '127.0.0.1',
  }
  const without = await startServer(t, { url, clock: server.clock, env: production })
  const back = await returned(server, provider, 'one')

  const answer = await answerBack(without, back)

  assertProblem(answer, 'email_unverified')
  assert.deepEqual(await mailsTo(server, address), [])
})

test('a person without an address gets no account', async (t) => {
  const people = { none: { email_verified: true }, odd: { email: 'a@b', email_verified: true } }
  const { server, provider } = await withProvider(t, people)

  for (const login of ['none', 'odd']) {
    assertProblem(
      await answerBack(server, await returned(server, provider, login)),
      'email_unverified',
    )
  }
  assert.equal(await server.database.client.user.count(), 0)
})

test('nobody is trusted with TRUST_EMAIL=never, everybody with always', async (t) => {
  const one = { email: 'ada@example.com', email_verified: true }
  const other = { email: 'bob@example.com', email_verified: false }
  const never = await withProvider(t, { one }, { env: { OIDC_REAL_TRUST_EMAIL: 'never' } })
  const always = await withProvider(t, { other }, { env: { OIDC_REAL_TRUST_EMAIL: 'always' } })

  const back = await returned(never.server, never.provider, 'one')
  assert.equal((await answerBack(never.server, back)).json().code, 'step_up_required')
  const sure = await returned(always.server, always.provider, 'other')
  assert.equal((await answerBack(always.server, sure)).statusCode, 201)
})
