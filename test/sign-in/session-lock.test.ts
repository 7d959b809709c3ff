import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import { auditEntries, call } from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { attempt, OFF, PAUSE, WRONG } from '../support/lockout.ts'
import { assertProblem, assertWrongPassword } from '../support/problems.ts'

/** A session that has to wait, whatever the password. */
function assertLocked(response: Awaited<ReturnType<typeof call>>, wait: number) {
  assertProblem(response, 'rate_limited', {
    detail: `Too many wrong passwords in this session; retry in ${wait} s, or sign in again.`,
    headers: { 'retry-after': String(wait) },
  })
}

test('A stolen access token guesses the password ten times and no more, on every address that asks for it', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  const confirm = (line: string, currentPassword: string, more = {}) => {
    return call(server, line, { currentPassword, ...more }, headers)
  }
  const email = { email: `${uniqueName()}@example.com` }
  const newPassword = { newPassword: 'another horse, another battery' }
  const lines = [['PATCH /me', email], ['PUT /password', newPassword], ['DELETE /me']] as const
  for (let time = 0; time < 10; time++) {
    const [line, more] = lines[time % 3] ?? lines[0]
    assertWrongPassword(await confirm(line, WRONG, more))
  }

  for (const [line, more] of lines) {
    assertLocked(await confirm(line, WRONG, more), PAUSE)
    assertLocked(await confirm(line, PASSWORD, more), PAUSE)
  }
  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
  server.clock.advance(PAUSE - 60)
  assertLocked(await confirm('DELETE /me', PASSWORD), 60)
  server.clock.advance(60)
  // The access token has expired by now, and the session continues.
  const { access_token } = (await refresh(server, person.refresh_token)).json()
  const body = { currentPassword: PASSWORD }
  const late = await call(server, 'DELETE /me', body, bearer(access_token))
  assert.equal(late.statusCode, 204)
  const locks = (await auditEntries(server)).filter(({ type }) => type === 'sign_in_locked')
  assert.deepEqual(
    locks.map(({ detail }) => detail),
    ['a session, 10 failures'],
  )
})

test('The lock of a session does not outlive a new sign-in, and locks no other session', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const confirm = ({ access_token }: { access_token: string }, currentPassword: string) =>
    call(server, 'PATCH /me', { currentPassword, name: 'x' }, bearer(access_token))
  for (let time = 0; time < 10; time++) assertWrongPassword(await confirm(person, WRONG))
  assertLocked(await confirm(person, PASSWORD), PAUSE)

  const anew = await signedIn(server, person)

  for (let time = 0; time < 9; time++) assertWrongPassword(await confirm(anew, WRONG))
  const right = await Promise.all([anew, other].map((session) => confirm(session, PASSWORD)))
  assert.deepEqual(
    right.map(({ statusCode }) => statusCode),
    [200, 200],
  )
  assertLocked(await confirm(person, PASSWORD), PAUSE)
})

test('Refreshing a session keeps its lock, so a stolen token buys no further guesses', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const remove = (token: string, currentPassword: string) =>
    call(server, 'DELETE /me', { currentPassword }, bearer(token))
  for (let time = 0; time < 10; time++) await remove(person.access_token, WRONG)

  const { access_token } = (await refresh(server, person.refresh_token)).json()

  assertLocked(await remove(access_token, PASSWORD), PAUSE)
})

test('A session that failed a hundred times in a row stays locked, and unknown devices are let in', async (t) => {
  const server = await startServer(t, { env: { ...OFF, SIGN_IN_FAILURES_MAX: '20' } })
  const person = await signedUp(server)
  let session = await signedIn(server, person)
  const remove = (currentPassword: string) =>
    call(server, 'DELETE /me', { currentPassword }, bearer(session.access_token))
  for (let round = 0; round < 2; round++) {
    for (let time = 0; time < 10; time++) assertWrongPassword(await remove(WRONG))
    server.clock.advance(PAUSE)
    session = { ...session, ...(await refresh(server, session.refresh_token)).json() }
  }

  const detail = 'Too many wrong passwords in this session; sign in again.'
  const stays = { detail, headers: { 'retry-after': String(PAUSE) } }
  assertProblem(await remove(PASSWORD), 'rate_limited', stays)
  assertProblem(await remove(WRONG), 'rate_limited', stays)
  await server.services.lockout.clean()
  assertProblem(await remove(PASSWORD), 'rate_limited', stays)
  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
})

test('Of fifty parallel confirmations ten are wrong, and for the rest the session is locked', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const guesses = Array.from({ length: 50 }, (_, index) => (index === 49 ? PASSWORD : WRONG))

  const responses = await Promise.all(
    guesses.map((currentPassword) =>
      call(server, 'DELETE /me', { currentPassword }, bearer(person.access_token)),
    ),
  )

  const wrong = responses.filter(({ statusCode }) => statusCode === 403)
  const locked = responses.filter(({ statusCode }) => statusCode === 429)
  assert.deepEqual([wrong.length, locked.length], [10, 40])
  for (const response of wrong) assertWrongPassword(response)
  for (const response of locked) assertLocked(response, PAUSE)
})

test('A locked session is refused before anything is hashed', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)
  const remove = () =>
    call(server, 'DELETE /me', { currentPassword: WRONG }, bearer(person.access_token))
  for (let time = 0; time < 10; time++) await remove()
  const verify = t.mock.method(hashEngine, 'verify')

  assertLocked(await remove(), PAUSE)

  assert.equal(verify.mock.callCount(), 0)
})

test('A session that has no failure left learns nothing, and counts no further', async (t) => {
  const server = await startServer(t, { env: { ...OFF, SIGN_IN_FAILURES_MAX: '20' } })
  const { user, sessionId } = await signedUp(server)
  const { lockout } = server.services
  const again = () => lockout.recordConfirmation({ userId: user.id, sessionId, isRight: false })
  const answers: unknown[] = []
  for (let failure = 1; failure <= 20; failure++) {
    answers.push(await again())
    if (failure === 10) server.clock.advance(PAUSE)
  }
  server.clock.advance(PAUSE)

  await assert.rejects(again(), { message: /sign in again/ })

  assert.deepEqual(answers, Array(20).fill(false))
  const [row] = await server.database.client.signInFailures.findMany()
  assert.equal(row?.failures, 20)
})
