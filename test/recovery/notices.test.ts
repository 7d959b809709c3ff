import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, DEVICE_COOKIE, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerReset,
  mailedReset,
  mailsTo,
  NEW_PASSWORD,
  QUIET,
  signInWith,
  subjectsTo,
} from '../support/resets.ts'

const SITE = 'localhost:3000'
const CHANGED = `Your password for ${SITE} has changed`
const NEW_DEVICE = `A new device signed in to ${SITE}`
const LOCKED = `Too many wrong passwords at ${SITE}`
const WRONG = 'not the password at all'

test('a change of the password is told, and one that fails is not', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  const change = (currentPassword: string) =>
    call(server, 'PUT /password', { currentPassword, newPassword: NEW_PASSWORD }, headers)

  assert.equal((await change(WRONG)).statusCode, 403)
  assert.equal((await change(PASSWORD)).statusCode, 200)

  assert.deepEqual(await subjectsTo(server, person.email, 1), [CHANGED])
  const [mail] = await mailsTo(server, person.email)
  assert.match(String(mail?.text), /by somebody who knew the old one/)
  assert.ok(!mail?.text.includes(person.username))
})

test('a reset is told, once for a request that is sent twice', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const { token, code } = await mailedReset(server, person)

  await answerReset(server, token, code, { key: 'k' })
  await answerReset(server, token, code, { key: 'k' })

  const subjects = await subjectsTo(server, person.email, 2)
  assert.deepEqual(subjects.sort(), [`Choose a new password for ${SITE}`, CHANGED])
  const mails = await mailsTo(server, person.email)
  const notice = mails.find(({ subject }) => subject === CHANGED)
  assert.match(String(notice?.text), /with a code from a mail to this address/)
})

test('a used refresh token that comes again is told', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  let token = person.refresh_token
  for (let turn = 0; turn < 2; turn++) {
    server.clock.advance(60)
    token = (await refresh(server, token)).json().refresh_token
  }

  assertProblem(await refresh(server, person.refresh_token), 'session_ended')

  const subjects = await subjectsTo(server, person.email, 1)
  assert.deepEqual(subjects, [`A session at ${SITE} was ended for your safety`])
})

test('a disabled account is told once, and a deleted one, at the address that it had', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const administration = operator(server)
  const [disabled, deleted] = [await signedUp(server), await signedUp(server)]

  await administration.disable(disabled.username)
  await administration.disable(disabled.username)
  await call(server, 'DELETE /me', { currentPassword: PASSWORD }, bearer(deleted.access_token))

  assert.deepEqual(await subjectsTo(server, disabled.email, 1), [
    `Your account at ${SITE} is disabled`,
  ])
  assert.deepEqual(await subjectsTo(server, deleted.email, 1), [
    `Your account at ${SITE} is deleted`,
  ])
})

test('a lock is told once, and a name that nobody has makes a mail for nobody', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)

  for (let guess = 0; guess < 13; guess++) {
    await signInWith(server, person.username, `${WRONG} ${guess}`)
    await signInWith(server, 'nobody-at-all', `${WRONG} ${guess}`)
  }

  assert.deepEqual(await subjectsTo(server, person.email, 1), [LOCKED])
  server.clock.advance(16 * 60)
  for (let guess = 0; guess < 13; guess++) {
    await signInWith(server, person.username, `${WRONG} ${guess}`)
  }
  assert.deepEqual(await subjectsTo(server, person.email, 2), [LOCKED, LOCKED])
  const forNobody = server.values.filter((values) => values.includes('none'))
  assert.equal(forNobody.length, 1)
})

test('a sign-in from a new device is told, at most five times a day, without rate limits too', async (t) => {
  const server = await startServer(t, { env: { ...QUIET, RATE_LIMITS: 'off' } })
  const person = await signedUp(server)

  for (let turn = 0; turn < 7; turn++) await signInWith(server, person.username, PASSWORD)

  const five = Array.from({ length: 5 }, () => NEW_DEVICE)
  assert.deepEqual(await subjectsTo(server, person.email, 5), five)
  server.clock.advance(86_400)
  await signInWith(server, person.username, PASSWORD)
  assert.deepEqual(await subjectsTo(server, person.email, 6), [...five, NEW_DEVICE])
})

test('neither a registration nor a known device makes a mail, nor a statement for one', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const registered = await call(server, 'POST /register', {
    ...{ username: 'lyshark', email: 'lyshark@example.com', password: PASSWORD },
  })
  const device = registered.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  const cookie = { cookie: `${DEVICE_COOKIE}=${device}` }
  const credentials = { username: 'lyshark', password: PASSWORD }

  for (let turn = 0; turn < 3; turn++) {
    const login = await call(server, 'POST /login', credentials, cookie)
    assert.equal(login.statusCode, 200)
  }
  // What comes after them is there: nothing of theirs is still under way.
  await signInWith(server, 'lyshark', PASSWORD)

  assert.deepEqual(await subjectsTo(server, 'lyshark@example.com', 1), [NEW_DEVICE])
  const added = server.queries.filter((sql) => /INSERT INTO Mail/.test(sql))
  assert.equal(added.length, 1)
})

test('a sign-in works while its notice finds no table, and the log says so', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  await server.database.client.$executeRawUnsafe('ALTER TABLE Mail RENAME TO Elsewhere')

  const login = await signInWith(server, person.username, PASSWORD)

  assert.equal(login.statusCode, 200)
  await server.close()
  const lines = server.logs.filter(({ msg }) => msg === 'one of the notices could not be written')
  assert.equal(lines.length, 1)
})

test('notices are mails for nobody where the account is disabled meanwhile', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  await operator(server).disable(person.username)
  const before = await subjectsTo(server, person.email, 1)

  for (let guess = 0; guess < 10; guess++) await signInWith(server, person.username, PASSWORD)
  while (!server.values.some((values) => values.includes('none'))) {
    await new Promise(setImmediate)
  }
  await outboxEmpty(server)

  assert.deepEqual(await subjectsTo(server, person.email, 1), before)
})
