// Sign-ins by a mailed code alone. What they tell of the account behind a name:
// sign-in-decoys.test.ts; challenges in general: ../challenges/.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, auditEntries, call, withCookie } from '../support/answers.ts'
import { answerWith, rowsOf, wrongCode } from '../support/challenges.ts'
import { bearer, cookieOf, DEVICE_COOKIE, ORIGIN, refresh, signedIn } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { codeIn, mailsTo, subjectsTo } from '../support/resets.ts'
import {
  BY_MAIL,
  beginSignIn,
  begunSignIn,
  inBrowser,
  SIGN_IN_SECONDS,
  SIGN_IN_VIEW,
  verifiedUser,
} from '../support/sign-in-codes.ts'

const env = { ...BY_MAIL, RATE_LIMITS: 'off' }
const verified = { emailVerified: true }

test('a mailed code signs in, and the mail has no link', async (t) => {
  const server = await startServer(t, { env: BY_MAIL })
  const person = await verifiedUser(server)

  const begun = await beginSignIn(server, person.username)
  const { token, ...view } = begun.json()
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)
  const answer = await answerWith(server, token, codeIn(mail), 'key')

  assert.deepEqual([begun.statusCode, view], [201, SIGN_IN_VIEW])
  assert.doesNotMatch(mail.text + mail.html, /https?:/)
  assert.ok(!mail.text.includes(person.username) && !mail.subject.includes(codeIn(mail)))
  const user = { ...person.user, ...verified }
  const session = assertSession(server, answer, {
    user,
    message: `Welcome back, ${person.username}!`,
  })
  const claims = await call(server, 'GET /verify', undefined, bearer(session.access_token))
  assert.deepEqual(claims.json().amr, ['otp'])
  assert.equal((await refresh(server, session.refresh_token)).statusCode, 200)
  assert.equal((await refresh(server, person.refresh_token)).statusCode, 200)
  assert.ok(answer.cookies.some(({ name }) => name === DEVICE_COOKIE))
  assert.deepEqual((await auditEntries(server)).at(-1), {
    ...{ type: 'signed_in', userId: person.user.id, sessionId: session.sessionId, detail: 'otp' },
  })
  const subjects = await subjectsTo(server, person.email, 2)
  assert.deepEqual(subjects.toSorted(), [
    'A new device signed in to localhost:3000',
    'Your code for localhost:3000',
  ])
})

test('a device that signed in by a code is a known one the next time', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const first = await begunSignIn(server, person.email)
  const answer = await answerWith(server, first.token, first.code)
  const device = answer.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  await subjectsTo(server, person.email, 2)

  const second = await begunSignIn(server, person.email, { device })
  const headers = { cookie: `${DEVICE_COOKIE}=${device}` }
  const again = await answerWith(server, second.token, second.code, undefined, { headers })

  assert.equal(again.statusCode, 200, again.body)
  const subjects = await subjectsTo(server, person.email, 3)
  assert.equal(subjects.filter((subject) => subject.startsWith('A new device')).length, 1)
})

test('a lost answer comes again with the same session, from another server, in both transports', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await verifiedUser(first)
  for (const transport of ['body', 'cookie'] as const) {
    const wish = { transport, origin: ORIGIN }
    const { token, code } = await begunSignIn(first, person.username, wish)

    const lost = await answerWith(first, token, code, 'key', inBrowser)
    const carrying = transport === 'cookie' ? withCookie(cookieOf(lost)) : inBrowser.headers
    const again = await answerWith(second, token, code, 'key', { headers: carrying })
    const other = await answerWith(second, token, code, 'other-key', inBrowser)

    const user = { ...person.user, ...verified }
    const message = `Welcome back, ${person.username}!`
    const { sessionId } = assertSession(first, lost, { user, message, transport })
    assertSession(second, again, { user, message, transport, sessionId })
    assert.equal(
      cookieOf(again) ?? again.json().refresh_token,
      cookieOf(lost) ?? lost.json().refresh_token,
    )
    assertProblem(other, 'challenge_over')
    const { access_token } = again.json()
    assert.equal((await call(first, 'GET /me', undefined, bearer(access_token))).statusCode, 200)
  }
})

test('cookie transport needs an allowed origin at both steps, and replaces the session before', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const older = await signedIn(server, person, { transport: 'cookie' })
  const foreign = { transport: 'cookie', origin: 'https://evil.example' }

  assertProblem(await beginSignIn(server, person.username, foreign), 'csrf_rejected', {
    detail: 'The Origin header names an origin that is not listed in CORS_ORIGINS.',
  })
  const { token, code } = await begunSignIn(server, person.username, {
    ...{ transport: 'cookie', origin: ORIGIN },
  })
  const stolen = await answerWith(server, token, code, 'key', {
    headers: { origin: foreign.origin },
  })
  const answer = await answerWith(server, token, code, 'key', {
    headers: withCookie(older.cookie),
  })

  assert.equal(stolen.json().code, 'csrf_rejected')
  assert.equal(answer.statusCode, 200, answer.body)
  assert.ok(cookieOf(answer))
  const before = await call(server, 'GET /me', undefined, bearer(older.access_token))
  assertProblem(before, 'session_ended')
  const sessions = await server.database.client.session.findMany({ where: { revokedAt: null } })
  assert.deepEqual(
    sessions.map(({ id }) => id).toSorted(),
    [person.sessionId, answer.json().sessionId].toSorted(),
  )
})

test('of 50 equal right answers on two servers all get one session with a key, without one gets it', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const at = (index: number) => (index % 2 ? second : first)
  const person = await verifiedUser(first)
  const one = await begunSignIn(first, person.username)
  const other = await begunSignIn(second, person.username)

  const keyed = await Promise.all(
    crowd((index) => answerWith(at(index), one.token, one.code, 'key')),
  )
  const bare = await Promise.all(crowd((index) => answerWith(at(index), other.token, other.code)))

  assert.deepEqual(statuses(keyed), { 200: 50 })
  assert.equal(new Set(keyed.map((answer) => answer.json().refresh_token)).size, 1)
  assert.deepEqual(statuses(bare), { 200: 1, '410 challenge_over': 49 })
  assert.equal(await first.database.client.session.count(), 3)
})

test('five wrong codes are counted and end it; a past or used one is over, too', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  const { token, code } = await begunSignIn(server, person.username)
  for (let guess = 1; guess <= 5; guess++) {
    const answer = await answerWith(server, token, wrongCode(server, token, guess))
    assertProblem(answer, 'invalid_credentials', {
      ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 5 - guess } },
    })
  }
  assertProblem(await answerWith(server, token, code), 'challenge_over')

  const late = await begunSignIn(server, person.username)
  server.clock.advance(SIGN_IN_SECONDS)
  assertProblem(await answerWith(server, late.token, late.code), 'challenge_over')
  assert.equal(await server.database.client.session.count(), 1)
})

test('a change of the account ends a sign-in that has begun', async (t) => {
  const server = await startServer(t, { env })
  const changes: Record<string, (id: string, username: string) => Promise<unknown>> = {
    password: (id) => server.database.client.user.update({ ...again(id) }),
    address: (id) =>
      server.database.client.user.update({
        where: { id },
        data: { email: 'moved@example.com', emailKey: 'moved@example.com' },
      }),
    disabled: (_id, username) => operator(server).disable(username),
  }
  for (const [what, change] of Object.entries(changes)) {
    const { user, username } = await verifiedUser(server)
    const { token, code } = await begunSignIn(server, username)
    await change(user.id, username)
    assertProblem(await answerWith(server, token, code), 'challenge_over')
    const live = { userId: user.id, revokedAt: null }
    const sessions = await server.database.client.session.count({ where: live })
    assert.equal(sessions, what === 'disabled' ? 0 : 1, what)
  }
})

const again = (id: string) => ({ where: { id }, data: { credentialVersion: { increment: 1 } } })

test('a session that has ended is not opened again by the retry of its answer', async (t) => {
  const server = await startServer(t, { env })
  const { username } = await verifiedUser(server)
  const { token, code } = await begunSignIn(server, username)
  const answer = await answerWith(server, token, code, 'key')
  const authorization = bearer(answer.json().access_token)
  assert.equal((await call(server, 'POST /logout', undefined, authorization)).statusCode, 200)

  assertProblem(await answerWith(server, token, code, 'key'), 'challenge_over')
  assert.equal((await rowsOf(server)).length, 1)
})

test('where it is switched off it is 404, and no server has it without being told', async (t) => {
  const server = await startServer(t)
  const { username } = await verifiedUser(server)

  const answer = await beginSignIn(server, username)

  assertProblem(answer, 'not_found', { detail: 'This server does not offer this sign-in.' })
})
