import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, auditEntries, auditTypes, call, statementsOf } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, testClock, uniqueName } from '../support/helper.ts'
import { attempt, DAY, fail, OFF, PAUSE, shutOut, WRONG, withDevice } from '../support/lockout.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

test('Ten wrong passwords in a row lock unknown devices out for a quarter of an hour', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)

  await fail(server, person, 9)
  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
  await fail(server, person, 10)
  const locked = await attempt(server, person, PASSWORD)
  server.clock.advance(PAUSE - 1)
  const still = await attempt(server, person, PASSWORD)
  server.clock.advance(1)
  const open = await attempt(server, person, PASSWORD)

  assertProblem(locked, 'invalid_credentials')
  assertProblem(still, 'invalid_credentials')
  assertSession(server, open, {
    user: person.user,
    message: `Welcome back, ${person.username}!`,
  })
})

test('A locked account answers as a wrong password does, byte for byte', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const wrong = await attempt(server, person, WRONG)
  await fail(server, person, 9)

  const locked = await attempt(server, person, PASSWORD)
  const nobody = await attempt(server, { username: uniqueName() }, PASSWORD)

  const faceOf = (response: typeof wrong) => {
    const { 'x-request-id': id, date: _date, ...headers } = response.headers
    return [response.statusCode, headers, response.body.replace(String(id), 'id')]
  }
  assert.deepEqual(faceOf(locked), faceOf(wrong))
  assert.deepEqual(faceOf(nobody), faceOf(wrong))
})

test('Failures are counted with the same statements for known, locked and unknown names', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const nobody = { username: uniqueName() }
  const statements = async (work: () => Promise<unknown>) => {
    const before = statementsOf(server).length
    await work()
    // Notices are written in the background.
    return statementsOf(server)
      .slice(before)
      .filter((sql) => !sql.includes('INTO Mail'))
  }
  await fail(server, person, 1)
  await fail(server, nobody, 1)

  const known = await statements(() => fail(server, person, 1))
  const unknown = await statements(() => fail(server, nobody, 1))
  await fail(server, person, 8)
  const locked = await statements(() => attempt(server, person, PASSWORD))

  assert.deepEqual(unknown, known)
  assert.deepEqual(locked, known)
})

test('A hundred failures in a row shut unknown devices out until a known one signs in', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)

  await shutOut(server, person)
  server.clock.advance(365 * DAY)
  await server.services.lockout.clean()
  const shut = await attempt(server, person, PASSWORD)
  const known = await attempt(server, person, PASSWORD, device)
  const opened = await attempt(server, person, PASSWORD)

  assertProblem(shut, 'invalid_credentials')
  assert.deepEqual([known.statusCode, opened.statusCode], [200, 200])
})

test('An operator opens an account that is shut for unknown devices', async (t) => {
  const server = await startServer(t, { env: { ...OFF, SIGN_IN_FAILURES_MAX: '20' } })
  const person = await signedUp(server)
  await shutOut(server, person, undefined, 20)
  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')

  await operator(server).unlock(person.email)

  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
  const locks = (await auditEntries(server)).filter(({ type }) => /lock/.test(type))
  assert.deepEqual(
    locks.map(({ type, userId, detail }) => [type, userId, detail]),
    [
      ['sign_in_locked', person.user.id, 'unknown devices, 10 failures'],
      ['sign_in_locked', person.user.id, 'unknown devices, 20 failures'],
      ['account_unlocked', person.user.id, null],
    ],
  )
})

test('The permanent lock is recorded at the configured number of failures', async (t) => {
  const server = await startServer(t, { env: { ...OFF, SIGN_IN_FAILURES_MAX: '15' } })
  const person = await signedUp(server)
  await fail(server, person, 10)
  server.clock.advance(PAUSE)
  await fail(server, person, 7)

  const locks = (await auditEntries(server)).filter(({ type }) => type === 'sign_in_locked')

  assert.deepEqual(
    locks.map(({ detail }) => detail),
    ['unknown devices, 10 failures', 'unknown devices, 15 failures'],
  )
  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')
})

test('Guesses while a device is locked are not counted', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  await fail(server, person, 10)
  server.clock.advance(1)
  await fail(server, person, 95)

  server.clock.advance(PAUSE)

  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
})

test('The count survives a restart, and is the same on a second server', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const one = await startServer(t, { url, clock, env: OFF })
  const person = await signedUp(one)
  await fail(one, person, 5)
  const other = await startServer(t, { url, clock, env: OFF })
  await fail(other, person, 5)

  assertProblem(await attempt(one, person, PASSWORD), 'invalid_credentials')
  assertProblem(await attempt(other, person, PASSWORD), 'invalid_credentials')
})

test('Of fifty guesses at once ten are counted, and the right one among the last gets nothing', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const guesses = Array.from({ length: 50 }, (_, index) => (index === 49 ? PASSWORD : WRONG))

  const responses = await Promise.all(guesses.map((guess) => attempt(server, person, guess)))

  for (const response of responses) assertProblem(response, 'invalid_credentials')
})

test('Fifty sign-ins at once with the right password all succeed', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  await fail(server, person, 9)

  const responses = await Promise.all(
    Array.from({ length: 50 }, () => attempt(server, person, PASSWORD)),
  )

  assert.deepEqual([...new Set(responses.map(({ statusCode }) => statusCode))], [200])
})

test('The username and the e-mail address of an account share its count', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)

  await fail(server, person, 5)
  await fail(server, { username: person.email.toUpperCase() }, 5)

  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')
})

test('Unknown names fill a bounded number of rows', async (t) => {
  const server = await startServer(t, { env: OFF })
  const subjects = new Set<string>()

  for (let count = 0; count < 20_000; count++) {
    subjects.add(server.services.lockout.decoySubject(`nobody-${count}`))
  }

  assert.equal(subjects.size, 1024)
  assert.equal(server.services.lockout.decoySubject('x'), server.services.lockout.decoySubject('x'))
})

test('Failures are counted in a row, though a month lies between them', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  await fail(server, person, 9)

  server.clock.advance(30 * DAY - 1)
  await server.services.lockout.clean()
  await fail(server, person, 1)

  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')
})

test('Failures are forgotten after thirty days, and with the account', async (t) => {
  const server = await startServer(t, { env: OFF })
  const [person, leaver] = [await signedUp(server), await signedUp(server)]
  await fail(server, person, 1)
  await fail(server, leaver, 1)
  const rows = () => server.database.client.signInFailures.count()
  const body = { currentPassword: PASSWORD }

  const left = await call(server, 'DELETE /me', body, bearer(leaver.access_token))
  const afterDeletion = await rows()
  server.clock.advance(30 * DAY + 1)
  await server.services.lockout.clean()

  assert.equal(left.statusCode, 204)
  assert.deepEqual([afterDeletion, await rows()], [1, 0])
  assert.ok((await auditTypes(server)).includes('sign_in_failed'))
})

test('Failures are remembered for thirty days', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  await fail(server, person, 9)

  server.clock.advance(30 * DAY - 1)
  await server.services.lockout.clean()
  await fail(server, person, 1)

  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')
})
