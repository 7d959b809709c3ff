// EMAIL_VERIFICATION=required: nobody is signed in before a mailed code comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, auditTypes, call, statementsOf } from '../support/answers.ts'
import { answerWith, codeOf, wrongCode } from '../support/challenges.ts'
import { bearer, cookieOf, PASSWORD } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { assertProblem, visible } from '../support/problems.ts'
import { codeIn, mailsTo, subjectsTo } from '../support/resets.ts'
import {
  inBrowser,
  logIn,
  type NewPerson,
  newPerson,
  REQUIRED,
  registeredFully,
  registeredUnverified,
  SIGN_IN_VIEW,
} from '../support/sign-in-codes.ts'

const env = { ...REQUIRED, RATE_LIMITS: 'off' }
const IN_USE = 'You already have an account at localhost:3000'
const CODE = 'Your code for localhost:3000'

test('a registration answers 202 with a challenge; its code verifies the address and signs in', async (t) => {
  const server = await startServer(t, { env: REQUIRED })
  const person = newPerson()

  const { answer, token } = await registeredUnverified(server, person)
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)
  const signedIn = await answerWith(server, token, codeIn(mail))

  assert.deepEqual(answer.json(), {
    message: 'A code is on its way to your address. Send it to sign in.',
    challenge: { token, ...SIGN_IN_VIEW },
  })
  assert.deepEqual([answer.cookies, answer.headers.location], [[], undefined])
  assert.ok(!mail.text.includes(person.username))
  const session = assertSession(server, signedIn, {
    user: { ...person, emailVerified: true, createdAt: signedIn.json().user.createdAt },
    message: `Welcome back, ${person.username}!`,
  })
  const claims = await call(server, 'GET /verify', undefined, bearer(session.access_token))
  assert.deepEqual(claims.json().amr, ['pwd'])
  assert.equal((await logIn(server, person.username, PASSWORD)).statusCode, 200)
  assert.deepEqual(await auditTypes(server), [
    ...['email_verified', 'registered', 'signed_in', 'signed_in'],
  ])
})

test('the transport of a registration holds for the session that its code opens', async (t) => {
  const server = await startServer(t, { env })
  const person = newPerson()
  const foreign = { origin: 'https://evil.example' }
  const body = { ...person, transport: 'cookie' }
  const refused = await call(server, 'POST /register', body, foreign)
  const { token, code } = await registeredUnverified(server, person, 'cookie')

  const stolen = await answerWith(server, token, code, 'key', { headers: foreign })
  const answer = await answerWith(server, token, code, 'key', inBrowser)

  assert.deepEqual(
    [refused, stolen].map((one) => one.json().code),
    Array(2).fill('csrf_rejected'),
  )
  assert.equal(answer.statusCode, 200, answer.body)
  assert.ok(cookieOf(answer) && answer.json().refresh_token === undefined)
})

test('the right password of an unverified account gets a challenge, a wrong one what it always gets', async (t) => {
  const server = await startServer(t, { env })
  const person = newPerson()
  await registeredUnverified(server, person)

  const wrong = await logIn(server, person.username, 'quite another sentence')
  const right = await logIn(server, person.email, PASSWORD)
  const { challenge } = right.json()
  const code = codeOf(server, challenge.token)

  assertProblem(wrong, 'invalid_credentials')
  assertProblem(right, 'verification_required', {
    members: { challenge: { token: challenge.token, ...SIGN_IN_VIEW } },
  })
  assert.deepEqual(right.cookies, [])
  assert.equal((await subjectsTo(server, person.email, 2)).length, 2)
  assert.equal((await answerWith(server, challenge.token, code)).statusCode, 200)
  assert.equal((await logIn(server, person.username, PASSWORD)).statusCode, 200)
})

/** The face of a registration, and the statements that it waits for. */
async function faceOf(server: TestServer, person: NewPerson) {
  const before = statementsOf(server).length
  const answer = await call(server, 'POST /register', person)
  const statements = statementsOf(server).slice(before)
  const { challenge, ...body } = answer.json()
  const { date: _date, ...headers } = visible(answer).headers as Record<string, unknown>
  const view = { ...challenge, token: challenge.token.length }
  return {
    face: { status: answer.statusCode, body, view, size: answer.body.length, headers },
    // A row of User that is new, or one that is not changed.
    statements: statements.map((sql) => sql.replace(/^\s*(?:INSERT INTO|UPDATE).*User.*/s, 'User')),
    token: challenge.token as string,
  }
}

test('a taken address gets the same answer; its owner gets a notice, and the account stays', async (t) => {
  const server = await startServer(t, { env })
  const owner = await registeredFully(server)
  const disabled = await registeredFully(server)
  await operator(server).disable(disabled.username)
  await outboxEmpty(server)
  const mailed = (await mailsTo(server, disabled.email)).length

  const free = await faceOf(server, newPerson())
  const taken = await faceOf(server, newPerson({ email: owner.email.toUpperCase() }))
  const subjects = await subjectsTo(server, owner.email, 2)
  const closed = await faceOf(server, newPerson({ email: disabled.email }))

  for (const other of [taken, closed]) {
    assert.deepEqual(other.face, free.face)
    // Afterwards comes the notice, which no request waits for.
    assert.deepEqual(other.statements.slice(0, free.statements.length), free.statements)
    const right = await answerWith(server, other.token, codeOf(server, other.token))
    assert.equal(right.json().code, 'invalid_credentials')
  }
  const wrong = await answerWith(server, free.token, wrongCode(server, free.token))
  assert.equal(wrong.json().attemptsLeft, 4)
  assert.deepEqual(subjects.toSorted(), [IN_USE, CODE].toSorted())
  assert.equal((await mailsTo(server, disabled.email)).length, mailed)
  const login = await logIn(server, owner.username, PASSWORD)
  assert.equal(login.statusCode, 200, login.body)
  const me = await call(server, 'GET /me', undefined, bearer(owner.session.access_token))
  assert.equal(me.statusCode, 200)
})

test('a taken username is 409 for any address', async (t) => {
  const server = await startServer(t, { env })
  const owner = await registeredFully(server)
  const unproven = newPerson()
  await registeredUnverified(server, unproven)

  const { username } = owner
  for (const email of [newPerson().email, owner.email, unproven.email]) {
    const answer = await call(server, 'POST /register', newPerson({ username, email }))
    assertProblem(answer, 'username_taken')
  }
  const other = newPerson({ username: unproven.username.toUpperCase() })
  assertProblem(await call(server, 'POST /register', other), 'username_taken')
})

test('nobody can flood a mailbox with registrations, and the code can still be asked for', async (t) => {
  const server = await startServer(t, { env: REQUIRED })
  const person = newPerson()
  const owner = await registeredFully(server)
  await outboxEmpty(server)
  for (let turn = 0; turn < 12; turn++) {
    await registeredUnverified(server, person)
    await registeredUnverified(server, newPerson({ email: owner.email }))
  }
  const login = await logIn(server, person.username, PASSWORD)

  assert.equal((await subjectsTo(server, person.email, 10)).length, 10)
  const notices = (await subjectsTo(server, owner.email, 6)).filter((one) => one === IN_USE)
  assert.equal(notices.length, 5)
  const { token } = login.json().challenge
  assert.equal((await call(server, 'POST /challenges/send', { challenge: token })).statusCode, 202)
  assert.equal((await subjectsTo(server, person.email, 11)).length, 11)
})
