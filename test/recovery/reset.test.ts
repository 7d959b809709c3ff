import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loginKey } from '../../src/platform/identity.ts'
import { auditEntries, auditTypes, call, liveSessions } from '../support/answers.ts'
import { wrongCode } from '../support/challenges.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerReset,
  beginReset,
  codeIn,
  linkIn,
  mailedReset,
  mailsTo,
  NEW_PASSWORD,
  QUIET,
  RESET_DONE,
  RESET_SECONDS,
  resetFor,
  signInWith,
} from '../support/resets.ts'

async function userOf(server: TestServer, id: string) {
  return server.database.client.user.findUniqueOrThrow({ where: { id } })
}

test('a reset takes three requests: begin, read the mail, answer with code and new password', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const before = await userOf(server, person.user.id)

  const begun = await beginReset(server, person.username)
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)
  const { token } = begun.json<{ token: string }>()
  const answer = await answerReset(server, token, codeIn(mail))

  assert.equal(begun.statusCode, 201)
  assert.deepEqual(begun.json(), {
    ...{ token, purpose: 'reset_password', methods: ['mail_code'] },
    expiresIn: RESET_SECONDS,
  })
  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(answer.json(), RESET_DONE)
  for (const { headers } of [begun, answer]) assert.equal(headers['set-cookie'], undefined)
  const after = await userOf(server, person.user.id)
  assert.equal(after.credentialVersion, before.credentialVersion + 1)
  assert.deepEqual([before.emailVerified, after.emailVerified], [false, true])
  assertProblem(await signInWith(server, person.username, PASSWORD), 'invalid_credentials')
  assert.equal((await signInWith(server, person.username, NEW_PASSWORD)).statusCode, 200)
  const entries = (await auditEntries(server)).filter(({ type }) => type === 'password_reset')
  assert.deepEqual(entries, [
    { type: 'password_reset', userId: person.user.id, sessionId: null, detail: null },
  ])
})

test('the mail has the code and a link to the page, with all that the answer needs', async (t) => {
  const server = await startServer(t, { env: { ...QUIET, PUBLIC_URL: 'http://localhost:4000' } })
  const person = await signedUp(server)

  const evil = { host: 'evil.example', 'x-forwarded-host': 'evil.example' }
  const token = await resetFor(server, person.email, { headers: evil })
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)

  const { page, fields } = linkIn(mail)
  assert.equal(page, 'http://localhost:4000/mail')
  const { code, ...others } = fields
  assert.deepEqual(others, { purpose: 'reset_password', challenge: token })
  assert.match(String(code), /^\d{8}$/)
  assert.equal(code, codeIn(mail).replace(' ', ''))
  assert.equal(mail.subject, 'Choose a new password for localhost:4000')
  for (const text of [mail.text, mail.html, mail.subject]) {
    assert.ok(!text.includes('evil'), text)
    assert.ok(!text.includes(person.username), text)
  }
})

test('a reset ends every session at once', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const other = await signedIn(server, person, { transport: 'cookie' })
  const { token, code } = await mailedReset(server, person, 2)

  assert.equal((await answerReset(server, token, code)).statusCode, 200)

  for (const { access_token } of [person, other]) {
    assertProblem(
      await call(server, 'GET /verify', undefined, bearer(access_token)),
      'session_ended',
    )
  }
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  const reasons = await server.database.client.session.findMany({
    select: { revokedReason: true },
  })
  assert.deepEqual(reasons, [
    { revokedReason: 'password_reset' },
    { revokedReason: 'password_reset' },
  ])
  const again = (await signInWith(server, person.username, NEW_PASSWORD)).json()
  assert.equal((await liveSessions(server, again.access_token)).length, 1)
})

test('a reset unlocks an account that too many wrong passwords have shut', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { client } = server.database
  await client.signInFailures.createMany({
    data: {
      ...{ subject: person.user.id, device: 'unknown', failures: 100 },
      expiresAt: new Date(server.clock() + 86_400_000),
    },
  })
  assertProblem(await signInWith(server, person.username, PASSWORD), 'invalid_credentials')
  const { token, code } = await mailedReset(server, person)

  assert.equal((await answerReset(server, token, code)).statusCode, 200)

  assert.equal((await signInWith(server, person.username, NEW_PASSWORD)).statusCode, 200)
})

test('a weak password uses up neither the code nor a guess', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token, code } = await mailedReset(server, person)

  for (const weak of ['short', 'password1234', `${person.username} it is`]) {
    assertProblem(await answerReset(server, token, code, { newPassword: weak }), 'weak_password', {
      errors: (await answerReset(server, token, code, { newPassword: weak })).json().errors,
    })
  }
  const unchanged = await signInWith(server, person.username, PASSWORD)
  const wrong = await answerReset(server, token, wrongCode(server, token))
  const right = await answerReset(server, token, code)

  assert.equal(unchanged.statusCode, 200)
  assert.equal(wrong.json().attemptsLeft, 3)
  assert.equal(right.statusCode, 200, right.body)
})

test('the answer needs a new password, and one that is confirmed', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token: challenge, code } = await mailedReset(server, person)
  const answer = { challenge, method: 'mail_code', code }

  const without = await call(server, 'POST /challenges/answer', answer)
  const fields = { newPassword: NEW_PASSWORD, newPasswordConfirm: 'something else' }
  const other = await call(server, 'POST /challenges/answer', { ...answer, ...fields })
  const begun = await call(server, 'POST /challenges', { purpose: 'reset_password' })

  const faults = [without, other, begun].map((one) => {
    assert.equal(one.statusCode, 400, one.body)
    return one
      .json()
      .errors.map((issue: { pointer: string; code: string }) => [issue.pointer, issue.code])
  })
  assert.deepEqual(faults, [
    [['/newPassword', 'required']],
    [['/newPasswordConfirm', 'mismatch']],
    [['/login', 'required']],
  ])
  assert.equal((await answerReset(server, challenge, code)).statusCode, 200)
})

test('the code goes to the stored address, and is dead once the account has another one', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token, code } = await mailedReset(server, person)
  const email = `new-${person.email}`
  const change = { email, currentPassword: PASSWORD }
  const { client } = server.database

  const changed = await call(server, 'PATCH /me', change, bearer(person.access_token))
  assert.equal(changed.statusCode, 200, changed.body)
  // As it is where the address is changed without the version of the credentials.
  await client.user.updateMany({
    where: { id: person.user.id },
    data: { email, emailKey: loginKey(email).key },
  })
  const again = await call(server, 'POST /challenges/send', { challenge: token })
  const old = await answerReset(server, token, code)

  assert.equal(again.statusCode, 202)
  assertProblem(old, 'challenge_over')
  await outboxEmpty(server)
  const resets = async (to: string) =>
    (await mailsTo(server, to, 0)).filter(({ text }) => text.includes(token)).length
  assert.deepEqual([await resets(person.email), await resets(email)], [1, 0])
  assert.equal((await signInWith(server, person.username, PASSWORD)).statusCode, 200)
})

test('a second mail brings the same code, and the first one stays good', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token, code } = await mailedReset(server, person)

  const sent = [
    await call(server, 'POST /challenges/send', { challenge: token }),
    await call(server, 'POST /challenges/send', { challenge: token }),
  ]
  const mails = await mailsTo(server, person.email, 3)
  const fourth = await call(server, 'POST /challenges/send', { challenge: token })

  for (const { statusCode } of sent) assert.equal(statusCode, 202)
  assert.deepEqual(mails.map(codeIn), [code, code, code])
  assert.equal(fourth.statusCode, 429)
  assert.equal((await answerReset(server, token, code)).statusCode, 200)
})

test('a reset that somebody else begins and guesses at leaves the one of the owner alone', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const own = await mailedReset(server, person)
  const foreign = await resetFor(server, person.username, { ip: '192.0.2.9' })

  for (let guess = 1; guess <= 5; guess++) {
    await answerReset(server, foreign, wrongCode(server, foreign, guess))
  }
  const crossed = await answerReset(server, foreign, own.code)
  const right = await answerReset(server, own.token, own.code)

  assertProblem(crossed, 'challenge_over')
  assert.equal(right.statusCode, 200, right.body)
})

test('a link is dead after a change of the password, after a reset, and for a disabled account', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const administration = operator(server)
  const [changed, reset, disabled] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const links = [
    await mailedReset(server, changed),
    await mailedReset(server, reset),
    await mailedReset(server, disabled),
  ]

  const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  await call(server, 'PUT /password', change, bearer(changed.access_token))
  const second = await mailedReset(server, reset, 2)
  assert.equal((await answerReset(server, second.token, second.code)).statusCode, 200)
  await administration.disable(disabled.username)

  for (const { token, code } of links) {
    const newPassword = 'a third one, never in use'
    assertProblem(await answerReset(server, token, code, { newPassword }), 'challenge_over')
  }
  await administration.enable(disabled.username)
  assert.equal((await signInWith(server, disabled.username, PASSWORD)).statusCode, 200)
})

test('a reset expires after 30 minutes, to the second', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const [early, late] = [await signedUp(server), await signedUp(server)]
  const first = await mailedReset(server, early)
  const second = await mailedReset(server, late)

  server.clock.advance(RESET_SECONDS - 1)
  const inTime = await answerReset(server, first.token, first.code)
  server.clock.advance(2)
  const tooLate = await answerReset(server, second.token, second.code)

  assert.equal(inTime.statusCode, 200, inTime.body)
  assertProblem(tooLate, 'challenge_over')
})

test('in production without a relay a reset is 404, and no command mails one', async (t) => {
  const env = {
    ...{ NODE_ENV: 'production', SECRET: randomBytes(48).toString('base64url') },
    ...{ PUBLIC_URL: 'https://auth.example.org', TRUST_PROXY: '127.0.0.1' },
    ...{ ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' },
  }
  const server = await startServer(t, { env })

  const answer = await beginReset(server, 'somebody')

  assertProblem(answer, 'not_found', { detail: answer.json().detail })
  const person = await signedUp(server)
  await assert.rejects(operator(server).sendReset(person.username), {
    message: 'SMTP_URL is not set, so the server sends no mails.',
  })
})

test('an operator mails a reset past all limits, and learns of names that nobody has', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const administration = operator(server)
  const [person, disabled] = [await signedUp(server), await signedUp(server)]
  await administration.disable(disabled.username)

  for (let turn = 0; turn < 4; turn++) await administration.sendReset(person.username)
  const mails = await mailsTo(server, person.email, 4)
  const [mail] = mails
  assert.ok(mail)
  const right = await answerReset(server, String(linkIn(mail).fields.challenge), codeIn(mail))

  assert.equal(right.statusCode, 200, right.body)
  const none = { message: 'There is no account with this name.' }
  await assert.rejects(administration.sendReset('nobody'), none)
  const closed = { message: 'The account is disabled; enable it first.' }
  await assert.rejects(administration.sendReset(disabled.email), closed)
  const sent = (await auditTypes(server)).filter((type) => type === 'password_reset_sent')
  assert.equal(sent.length, 4)
})

test('no code and no challenge is in the log or in a row that outlives its mail', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token, code } = await mailedReset(server, person)
  await answerReset(server, token, wrongCode(server, token))
  await answerReset(server, token, code, { key: 'a-key' })
  await server.services.audit.written()
  await mailsTo(server, person.email, 2)
  await outboxEmpty(server)
  await sleep(50)

  const { client } = server.database
  const rows = [
    await client.challenge.findMany(),
    await client.mail.findMany(),
    await client.auditEvent.findMany(),
    await client.user.findMany(),
  ]
  const kept = JSON.stringify([rows, server.logs], (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  for (const secret of [
    token,
    code,
    code.replace(' ', ''),
    NEW_PASSWORD,
    wrongCode(server, token),
  ]) {
    assert.ok(!kept.includes(secret), `${secret} is kept`)
  }
})
