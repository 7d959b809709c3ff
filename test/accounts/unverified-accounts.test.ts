// EMAIL_VERIFICATION=required: what becomes of accounts that nobody has proven. The way of an
// honest user and what strangers learn: verified-registration.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import { newAccount } from '../support/administration.ts'
import { auditEntries, call } from '../support/answers.ts'
import { answerWith, rowsOf } from '../support/challenges.ts'
import { isMysql } from '../support/databases.ts'
import { bearer, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { failOn } from '../support/faults.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { CROWD, crowd, statuses } from '../support/races.ts'
import { answerReset, mailedReset, subjectsTo } from '../support/resets.ts'
import {
  logIn,
  newPerson,
  REQUIRED,
  registeredFully,
  registeredUnverified,
} from '../support/sign-in-codes.ts'

const env = { ...REQUIRED, RATE_LIMITS: 'off' }
const WEEK_SECONDS = 7 * 86_400
const NEWER = 'a newer horse, a newer battery'

const userOf = (server: TestServer, email: string) =>
  server.database.client.user.findUnique({ where: { emailKey: email } })

test('an unverified address can be registered again: the newer names and password hold', async (t) => {
  const server = await startServer(t, { env })
  const older = newPerson()
  const first = await registeredUnverified(server, older)
  await server.database.client.signInFailures.create({
    data: {
      ...{ subject: String((await userOf(server, older.email))?.id), device: 'unknown' },
      ...{ failures: 100, expiresAt: new Date(server.clock() + 86_400_000) },
    },
  })

  const newer = newPerson({ email: older.email, password: NEWER })
  const second = await registeredUnverified(server, newer)
  const same = await registeredUnverified(server, newer)

  assertProblem(await logIn(server, older.username, PASSWORD), 'invalid_credentials')
  assertProblem(await logIn(server, older.email, PASSWORD), 'invalid_credentials')
  assert.equal((await logIn(server, newer.username, NEWER)).json().code, 'verification_required')
  for (const { token, code } of [first, second]) {
    assertProblem(await answerWith(server, token, code), 'challenge_over')
  }
  const answer = await answerWith(server, same.token, same.code)
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().user.username, newer.username)
  assert.equal(await server.database.client.user.count(), 1)
  // The name of the older one is free.
  await registeredUnverified(server, newPerson({ username: older.username }))
})

test('an account that is in use keeps its address; a reset of its owner ends a thief', async (t) => {
  const url = await freshDatabase(t)
  const without = await startServer(t, { url, env: { EMAIL_VERIFICATION: 'off' } })
  const thief = await signedUp(without)
  const server = await startServer(t, { url, env, clock: without.clock })

  await registeredUnverified(server, newPerson({ email: thief.email, password: NEWER }))
  const kept = await call(server, 'GET /me', undefined, bearer(thief.access_token))
  const { token, code } = await mailedReset(server, thief, 2)
  const reset = await answerReset(server, token, code)

  assert.equal(kept.json().username, thief.username)
  assert.equal(reset.statusCode, 200, reset.body)
  assertProblem(
    await call(server, 'GET /me', undefined, bearer(thief.access_token)),
    'session_ended',
  )
  assertProblem(await refresh(server, thief.refresh_token), 'session_ended')
  assertProblem(await logIn(server, thief.username, PASSWORD), 'invalid_credentials')
})

test('a registration replaces no account that an administrator has made, moved or disabled', async (t) => {
  const server = await startServer(t, { env })
  const made = await newAccount(server)
  const promoted = await newAccount(server, { role: 'admin' })
  const { user } = (await registeredFully(server)).session
  const moved = `${uniqueName('moved')}@example.com`
  await server.services.administration.change(user.id, { email: moved }, OPERATOR)
  const disabled = newPerson()
  await registeredUnverified(server, disabled)
  await operator(server).disable(disabled.email)
  const before = await server.database.client.user.findMany({ orderBy: { id: 'asc' } })

  for (const email of [made.email, promoted.email, moved, disabled.email]) {
    await registeredUnverified(server, newPerson({ email, password: NEWER }))
  }

  const after = await server.database.client.user.findMany({ orderBy: { id: 'asc' } })
  assert.deepEqual(after, before)
})

test('of 50 registrations of one address at once one account is left, and one code signs in', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = newPerson()

  const answers = await Promise.all(
    crowd((index) => call(index % 2 ? second : first, 'POST /register', person)),
  )
  assert.deepEqual(statuses(answers), { 202: CROWD })
  const tokens = answers.map((answer) => answer.json().challenge.token)
  const codes = tokens.map((token) => first.services.challenges.codeOf(token) ?? '')
  const signedIn = []
  for (const [index, token] of tokens.entries()) {
    signedIn.push(await answerWith(first, token, codes[index] ?? ''))
  }

  assert.deepEqual(statuses(signedIn), { 200: 1, '410 challenge_over': CROWD - 1 })
  assert.equal(await first.database.client.user.count(), 1)
})

test('a server that dies between the claim of a try and its commit signs in with the retry', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env })
  const person = newPerson()
  const { token, code } = await registeredUnverified(server, person)

  const mend = await failSessions(server, url)
  const failed = await answerWith(server, token, code, 'key')
  const between = await rowsOf(server)
  const unproven = await userOf(server, person.email)
  await mend()
  const retried = await answerWith(server, token, code, 'key')

  assert.ok(failed.statusCode >= 500, failed.body)
  assert.deepEqual(
    between.map(({ attempts, usedAt }) => ({ attempts, usedAt })),
    [{ attempts: 1, usedAt: null }],
  )
  assert.equal(unproven?.emailVerified, false)
  assert.equal(retried.statusCode, 200, retried.body)
  assert.equal(await server.database.client.session.count(), 1)
})

/** Makes every new session fail, after the claim of a try. @returns what ends it */
async function failSessions({ database }: TestServer, url: string) {
  if (isMysql) return failOn(url, ['INSERT'], { code: 1290, tables: ['Session'] })
  await database.client.$executeRawUnsafe(
    "CREATE TRIGGER fault BEFORE INSERT ON Session BEGIN SELECT RAISE(ABORT, 'injected'); END",
  )
  return () => database.client.$executeRawUnsafe('DROP TRIGGER fault')
}

test('an account that is not verified within 7 days is deleted; those in use stay', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env })
  const { deletion } = server.services
  const administration = operator(server)
  const [idle, disabled] = [newPerson(), newPerson()]
  await registeredUnverified(server, idle)
  await registeredUnverified(server, disabled)
  await administration.disable(disabled.username)
  const verified = await registeredFully(server)
  // Signed in to while the server did not ask for a verified address.
  const used = newPerson()
  await registeredUnverified(server, used)
  const optional = await startServer(t, { url, clock: server.clock })
  server.clock.advance(1)
  assert.equal((await logIn(optional, used.username, PASSWORD)).statusCode, 200)
  const untouched = await signedUp(optional)

  server.clock.advance(WEEK_SECONDS - 2)
  while (await deletion.proceed());
  assert.ok(await userOf(server, idle.email))
  server.clock.advance(2)
  while (await deletion.proceed());

  assert.equal(await userOf(server, idle.email), null)
  for (const { email } of [disabled, verified, used, untouched]) {
    assert.ok(await userOf(server, email), email)
  }
  const waiting = await server.database.client.user.count({
    where: { deletionDueAt: { not: null } },
  })
  assert.equal(waiting, 0)
  const deleted = (await auditEntries(server)).filter(({ type }) => type === 'account_deleted')
  assert.deepEqual(
    deleted.map(({ detail }) => detail),
    ['not verified'],
  )
  await administration.enable(disabled.username)
  assert.equal((await logIn(server, disabled.username, PASSWORD)).statusCode, 401)
  await registeredUnverified(server, idle)
  assert.ok(await userOf(server, idle.email))
})

test('an operator verifies an address, which is told', async (t) => {
  const server = await startServer(t, { env })
  const administration = operator(server)
  const person = newPerson()
  const { token, code } = await registeredUnverified(server, person)

  assert.equal(await administration.verifyEmail(person.username), true)
  assert.equal(await administration.verifyEmail(person.email), false)

  assert.equal((await logIn(server, person.username, PASSWORD)).statusCode, 200)
  assert.equal((await answerWith(server, token, code)).statusCode, 200)
  const subjects = await subjectsTo(server, person.email, 2)
  assert.ok(subjects.includes('Your e-mail address for localhost:3000 is confirmed'), `${subjects}`)
  const verified = (await auditEntries(server)).filter(({ type }) => type === 'email_verified')
  assert.deepEqual(
    verified.map(({ detail }) => detail),
    ['by an operator'],
  )
  await assert.rejects(administration.verifyEmail('nobody-at-all'), /no account with this name/)
})
