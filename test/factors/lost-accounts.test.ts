// Factors when an account changes hands: an address that somebody else has registered, a thief who
// has moved it, an operator who helps (ASVS 5.0 6.3.7, 6.4.3, 6.4.4).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { linkTo, press } from '../support/email.ts'
import { asked, enrolled, FREE, logIn, prove, signedInFully } from '../support/enrolment.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerReset,
  mailedReset,
  NEW_PASSWORD,
  signInWith,
  subjectsTo,
} from '../support/resets.ts'
import { REQUIRED, registeredUnverified, verifiedUser } from '../support/sign-in-codes.ts'

const env = FREE

/** Somebody who has added an app before the server sent mails, so without proof of the address. */
async function unprovenWithApp(server: TestServer) {
  const person = await enrolled(server)
  const { client } = server.database
  const where = { id: person.user.id }
  await client.user.update({ where, data: { emailVerified: false } })
  return person
}

async function factorsIn({ database }: TestServer, userId: string) {
  const { client } = database
  const { secondFactor } = await client.user.findUniqueOrThrow({ where: { id: userId } })
  const factors = await client.factor.count({ where: { userId } })
  return { secondFactor, factors }
}

test('a reset of an address that nobody had verified leaves no factor behind', async (t) => {
  const server = await startServer(t, { env })
  const stranger = await unprovenWithApp(server)
  const open = await asked(server, stranger)
  const { token, code } = await mailedReset(server, stranger, 2)

  const answer = await answerReset(server, token, code)

  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(await factorsIn(server, stranger.user.id), { secondFactor: false, factors: 0 })
  const mine = await signInWith(server, stranger.username, NEW_PASSWORD)
  assert.equal(mine.statusCode, 200, mine.body)
  const [recovery = ''] = stranger.recoveryCodes
  const theirs = await prove(server, open.token, recovery, { method: 'recovery_code' })
  assert.notEqual(theirs.statusCode, 200)
  const old = await call(server, 'GET /me', undefined, bearer(stranger.access_token))
  assertProblem(old, 'session_ended')
})

test('a reset of a verified address keeps the factors, and asks for one', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(60)
  const { token, code } = await mailedReset(server, person, 2)

  assert.equal((await answerReset(server, token, code)).statusCode, 200)

  assert.deepEqual(await factorsIn(server, person.user.id), { secondFactor: true, factors: 2 })
  const login = await signInWith(server, person.username, NEW_PASSWORD)
  assert.equal(login.json().code, 'second_factor_required', login.body)
  const { token: signIn } = login.json().challenge
  assert.equal((await prove(server, signIn, person.app.code())).statusCode, 200)
})

test('a second registration of an unproven address finds no factor of the one before', async (t) => {
  const server = await startServer(t, { env: { ...REQUIRED, RATE_LIMITS: 'off' } })
  const name = `user-${Date.now()}`
  const newest = { username: name, email: `${name}@example.com`, password: PASSWORD }
  const { client } = server.database
  await registeredUnverified(server, newest)
  await client.user.updateMany({ data: { secondFactor: true } })
  const user = await client.user.findFirstOrThrow({ where: { username: name } })
  const factor = { id: user.id, userId: user.id, kind: 'totp', secret: 'x', credentialKey: 'x' }
  await client.factor.create({ data: { ...factor, createdAt: new Date() } })

  const { token } = await registeredUnverified(server, newest)

  assert.deepEqual(await factorsIn(server, user.id), { secondFactor: false, factors: 0 })
  assert.equal((await prove(server, token, codeFor(server, token), byMail)).statusCode, 200)
})

const byMail = { method: 'mail_code' }
const codeFor = ({ services }: TestServer, token: string) => services.challenges.codeOf(token) ?? ''

test('undoing a change of the address takes along what the thief has added', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  await moveAway(server, person.access_token)
  const { challenge, code } = await linkTo(server, person.email, 'undo_email')
  server.clock.advance(60)
  const thief = await enrolled(server, person)

  const answer = await press(server, { challenge, code }, { newPassword: NEW_PASSWORD })

  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(await factorsIn(server, thief.user.id), { secondFactor: false, factors: 0 })
  const login = await signInWith(server, person.username, NEW_PASSWORD)
  assert.equal(login.statusCode, 200, login.body)
})

test('undoing it keeps a factor that was there before', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  server.clock.advance(60)
  const session = await signedInFully(server, person)
  server.clock.advance(60)
  await moveAway(server, session.access_token)
  const { challenge, code } = await linkTo(server, person.email, 'undo_email')
  server.clock.advance(60)
  const renewed = await call(
    server,
    'POST /factors/recovery-codes',
    undefined,
    bearer(session.access_token),
  )
  assert.equal(renewed.statusCode, 201, renewed.body)

  const answer = await press(server, { challenge, code }, { newPassword: NEW_PASSWORD })

  assert.equal(answer.statusCode, 200, answer.body)
  // The codes are those of the thief.
  assert.deepEqual(await factorsIn(server, person.user.id), { secondFactor: true, factors: 1 })
  const login = await signInWith(server, person.username, NEW_PASSWORD)
  assert.deepEqual(login.json().challenge.methods, ['totp'])
})

async function moveAway(server: TestServer, access: string): Promise<void> {
  const body = { email: `thief-${Date.now()}@example.com`, currentPassword: PASSWORD }
  const answer = await call(server, 'PATCH /me', body, bearer(access))
  assert.equal(answer.statusCode, 200, answer.body)
}

test('an operator takes all factors away: sessions end, the owner is told, the log has it', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const session = await signedInFully(server, person)
  const administration = operator(server)

  await administration.removeFactors(person.email)

  assert.deepEqual(await factorsIn(server, person.user.id), { secondFactor: false, factors: 0 })
  const me = await call(server, 'GET /me', undefined, bearer(session.access_token))
  assertProblem(me, 'session_ended')
  assert.equal((await logIn(server, person.username)).statusCode, 200)
  const [entry] = (await auditEntries(server)).filter(({ type }) => type === 'factor_removed')
  assert.deepEqual(entry, {
    ...{ type: 'factor_removed', userId: person.user.id, sessionId: null },
    detail: 'all, by an operator',
  })
  const subjects = await subjectsTo(server, person.email, 3)
  assert.ok(subjects.includes('A way to sign in to localhost:3000 was removed'))
  assert.equal(await administration.removeFactors(person.username), false)
  await assert.rejects(administration.removeFactors('nobody-at-all'), /no account/)
  await administration.disable(person.username)
  assert.equal(await administration.removeFactors(person.username), false)
  const other = await signedUp(server)
  assert.equal(await administration.removeFactors(other.username), false)
  const { credentialVersion } = await server.database.client.user.findUniqueOrThrow({
    where: { id: other.user.id },
  })
  assert.equal(credentialVersion, 1)
})
