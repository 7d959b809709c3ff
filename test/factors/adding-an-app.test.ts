// Adding an authenticator app: what it takes, what it changes, and what a lost answer loses
// (ASVS 5.0 6.3.7, 6.5.1, 7.4.3, 7.5.1).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNotLogged, auditEntries, call } from '../support/answers.ts'
import { PRODUCTION } from '../support/config.ts'
import {
  App,
  asked,
  beginAdding,
  begunTotp,
  enrolled,
  FREE,
  factorsOf,
  logIn,
  prove,
  STEP,
  signedInFully,
} from '../support/enrolment.ts'
import { bearer, refresh, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { deviceCookie } from '../support/lockout.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { codeIn, mailsTo, subjectsTo } from '../support/resets.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const env = FREE

test('the seed is shown once, and stored nowhere before its first code', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)

  const begun = await beginAdding(server, person)
  const { token, totp, ...view } = begun.json()

  assert.deepEqual(view, { purpose: 'add_totp', methods: ['totp'], expiresIn: 600 })
  assert.match(totp.secret, /^[A-Z2-7]{32}$/)
  const issuer = 'localhost'
  assert.equal(
    totp.uri,
    `otpauth://totp/${issuer}:${person.username}?secret=${totp.secret}&issuer=${issuer}&algorithm=SHA1&digits=6&period=30`,
  )
  const { client } = server.database
  assert.equal((await client.factor.count()) + (await client.challenge.count()), 0)
  const access = person.access_token
  const app = new App(server, totp.uri)
  await prove(server, token, app.code(), { access, more: { name: 'Phone' } })
  const [row] = await client.factor.findMany({ where: { kind: 'totp' } })
  assert.ok(row?.secret.startsWith('v1.'))
  assert.ok(!row?.secret.includes(totp.secret))
  assertNotLogged(server, [totp.secret, token])
})

test('the app is there, asked for from now on, and the owner is told; other sessions end', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const other = await signedIn(server, person)
  const { token, app } = await begunTotp(server, person)
  const access = person.access_token

  const answer = await prove(server, token, app.code(), { access, more: { name: 'Phone' } })

  assert.equal(answer.statusCode, 201, answer.body)
  const { recoveryCodes, ...factor } = answer.json()
  const createdAt = new Date(server.clock()).toISOString()
  assert.deepEqual(factor, {
    ...{ id: factor.id, kind: 'totp', name: 'Phone', createdAt, lastUsedAt: null },
    ...{ usable: true, backedUp: false },
  })
  assert.equal(recoveryCodes.length, 10)
  assert.deepEqual((await factorsOf(server, person)).json(), {
    items: [factor],
    recoveryCodesLeft: 10,
  })
  const me = await call(server, 'GET /me', undefined, bearer(access))
  assert.equal(me.json().secondFactor, true)
  assertProblem(
    await call(server, 'GET /me', undefined, bearer(other.access_token)),
    'session_ended',
  )
  assert.equal((await refresh(server, other.refresh_token)).json().code, 'session_ended')
  const added = (await auditEntries(server)).filter(({ type }) => type === 'factor_added')
  assert.deepEqual(added, [
    {
      ...{ type: 'factor_added', userId: person.user.id, sessionId: person.sessionId },
      detail: 'totp',
    },
  ])
  const subjects = await subjectsTo(server, person.email, 1)
  assert.ok(subjects.includes('A new way to sign in to localhost:3000'))
})

test('the browser that adds it stays a known device', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const { token, app } = await begunTotp(server, person)
  const answer = await prove(server, token, app.code(), { access: person.access_token })
  const device = deviceCookie(answer)
  await subjectsTo(server, person.email, 1)

  server.clock.advance(STEP)
  const login = await logIn(server, person.username, device)
  const { token: signIn } = login.json().challenge
  assert.equal((await prove(server, signIn, app.code(), { device })).statusCode, 200)

  await server.services.audit.written()
  const subjects = await subjectsTo(server, person.email, 1)
  assert.ok(!subjects.some((subject) => subject.startsWith('A new device')))
})

test('a lost answer comes again with the same factor and the same codes, from another server', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await verifiedUser(first)
  const { token, app } = await begunTotp(first, person)
  const access = person.access_token
  const code = app.code()

  const lost = await prove(first, token, code, { access, key: 'key' })
  const again = await prove(second, token, code, { access, key: 'key' })
  const other = await prove(second, token, code, { access, key: 'other' })

  assert.equal(lost.statusCode, 201, lost.body)
  assert.deepEqual([again.statusCode, again.json()], [201, lost.json()])
  assertProblem(other, 'challenge_over')
  assert.equal(await first.database.client.factor.count(), 2)
})

test('of 50 equal right answers on two servers one adds it', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await verifiedUser(first)
  const { token, app } = await begunTotp(first, person)
  const [code, access] = [app.code(), person.access_token]

  const answers = await Promise.all(
    crowd((index) => prove(index % 2 ? second : first, token, code, { access, key: 'key' })),
  )

  const { 201: good = 0, '503 overloaded': busy = 0, ...others } = statuses(answers)
  assert.deepEqual([others, good + busy], [{}, 50])
  const made = answers.filter(({ statusCode }) => statusCode === 201)
  assert.equal(new Set(made.map(({ body }) => body)).size, 1)
  assert.equal(await first.database.client.factor.count(), 2)
  assert.equal(await first.database.client.recoveryCode.count(), 10)
})

test('five wrong codes end it, and nobody but the session that began it may answer', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const other = await signedIn(server, person)
  const stranger = await verifiedUser(server)
  const { token, app } = await begunTotp(server, person)
  const access = person.access_token

  assertProblem(await prove(server, token, app.code()), 'unauthenticated')
  for (const { access_token } of [other, stranger]) {
    assertProblem(
      await prove(server, token, app.code(), { access: access_token }),
      'challenge_over',
    )
  }
  for (let guess = 1; guess <= 5; guess++) {
    const answer = await prove(server, token, app.wrong(guess), { access })
    assertProblem(answer, 'invalid_credentials', {
      ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 5 - guess } },
    })
  }
  assertProblem(await prove(server, token, app.code(), { access }), 'challenge_over')

  const late = await begunTotp(server, person)
  server.clock.advance(600)
  assertProblem(await prove(server, late.token, late.app.code(), { access }), 'challenge_over')
  assert.equal(await server.database.client.factor.count(), 0)
})

test('a second app is one too many, also when two are added at once', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const session = await signedInFully(server, person)
  assertProblem(await beginAdding(server, session), 'limit_reached', {
    detail: 'You have an authenticator app; remove one first.',
  })

  const other = await verifiedUser(server)
  const both = [await begunTotp(server, other), await begunTotp(server, other)]
  const answers = await Promise.all(
    both.map(({ token, app }) => prove(server, token, app.code(), { access: other.access_token })),
  )

  assert.deepEqual(statuses(answers), { 201: 1, '410 challenge_over': 1 })
  const { items } = (await factorsOf(server, other)).json()
  assert.equal(items.length, 1)
})

test('adding needs a recent proof, and of an account with a factor both', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  server.clock.advance(601)

  const answer = await beginAdding(server, person)

  assert.equal(answer.json().code, 'step_up_required', answer.body)
  assert.deepEqual(answer.json().challenge.methods, ['password'])
  assert.match(String(answer.headers['www-authenticate']), /max_age="?600/)
  const withApp = await enrolled(server)
  const refused = await beginAdding(server, withApp)
  assert.equal(refused.json().code, 'step_up_required', refused.body)
  assert.deepEqual(refused.json().challenge.methods, ['totp', 'recovery_code'])
  assert.match(String(refused.headers['www-authenticate']), /acr_values="aal2"/)
})

/** What an operator or the owner does meanwhile. */
const meanwhile: Record<string, (server: TestServer, username: string) => Promise<unknown>> = {
  'a change of the account': async (server, username) =>
    server.database.client.user.updateMany({
      where: { username },
      data: { credentialVersion: { increment: 1 } },
    }),
  'the end of all sessions': ({ services }, username) =>
    operator({ services }).endSessionsOf(username),
  'a lock of the account': ({ services }, username) => operator({ services }).disable(username),
}

for (const [what, change] of Object.entries(meanwhile)) {
  test(`${what} ends an addition that has begun`, async (t) => {
    const server = await startServer(t, { env })
    const person = await verifiedUser(server)
    const { token, app } = await begunTotp(server, person)
    await change(server, person.username)

    const answer = await prove(server, token, app.code(), { access: person.access_token })

    assert.ok([401, 410].includes(answer.statusCode), answer.body)
    assert.equal(await server.database.client.factor.count(), 0)
  })
}

test('a sign-in whose password was checked before the app opens no session after it', async (t) => {
  const server = await startServer(t, { env })
  for (let round = 0; round < 8; round++) {
    const person = await verifiedUser(server)
    const { token, app } = await begunTotp(server, person)
    const [added, ...logins] = await Promise.all([
      prove(server, token, app.code(), { access: person.access_token }),
      ...Array.from({ length: 4 }, () => logIn(server, person.username)),
    ])
    assert.equal(added?.statusCode, 201, added?.body)
    const live = await server.database.client.session.findMany({
      where: { userId: person.user.id, revokedAt: null },
    })
    assert.deepEqual(
      live.map(({ id }) => id),
      [person.sessionId],
      JSON.stringify(statuses(logins)),
    )
  }
})

test('where mails are sent, an address has to be verified first', async (t) => {
  const server = await startServer(t, { env })
  const person = await signedUp(server)

  const answer = await beginAdding(server, person)

  assert.equal(answer.json().code, 'step_up_required', answer.body)
  const { challenge } = answer.json()
  assert.deepEqual([challenge.purpose, challenge.methods], ['verify_email', ['mail_code']])
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)
  const verified = await prove(server, challenge.token, codeIn(mail), { method: 'mail_code' })
  assert.equal(verified.statusCode, 200, verified.body)
  assert.equal((await beginAdding(server, person)).statusCode, 201)
})

test('a server without mails adds it to any account', async (t) => {
  const costs = { ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' }
  const server = await startServer(t, { env: { ...PRODUCTION, ...costs } })
  const person = await signedUp(server)

  const { uri } = await begunTotp(server, person)

  assert.match(uri, /^otpauth:\/\/totp\/auth\.example\.org:/)
})

test('the code that added an app does not sign in, and the next one does', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const { token } = await asked(server, person)

  assert.equal((await prove(server, token, person.enrolment.code)).statusCode, 401)
  server.clock.advance(STEP)
  assert.equal((await prove(server, token, person.app.code())).statusCode, 200)
})
