import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashEngine } from '../src/platform/hash-engine.ts'
import { assertSession, auditEntries, auditTypes, BROWSER, call } from './answers.ts'
import { freshDatabase, startServer, type TestServer, testClock, uniqueName } from './helper.ts'
import { bearer, DEVICE_COOKIE, PASSWORD, refresh, signedIn, signedUp } from './people.ts'
import { assertProblem, assertWrongPassword } from './problems.ts'

const WRONG = 'not the password at all'
const OFF = { RATE_LIMITS: 'off' }
const [PAUSE, DAY] = [15 * 60, 86_400]

type Named = { username: string }

/** Tries to sign in, from a device that shows this cookie or none. */
function attempt(server: TestServer, { username }: Named, password: string, device?: string) {
  const headers = device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` }
  return call(server, 'POST /login', { username, password }, headers)
}

async function fail(server: TestServer, person: Named, times: number, device?: string) {
  for (let time = 0; time < times; time++) {
    assertProblem(await attempt(server, person, WRONG, device), 'invalid_credentials')
  }
}

/** Fails so often that unknown devices are shut out, waiting for each pause to be over. */
async function shutOut(server: TestServer, person: Named, device?: string, times = 100) {
  for (let failures = 0; failures < times; failures += 10) {
    await fail(server, person, 10, device)
    server.clock.advance(PAUSE)
  }
}

/** A session that has to wait, whatever the password. */
function assertLocked(response: Awaited<ReturnType<typeof call>>, wait: number) {
  assertProblem(response, 'rate_limited', {
    detail: `Too many wrong passwords in this session; try again in ${wait} s, or sign in again.`,
    headers: { 'retry-after': String(wait) },
  })
}

/** What the device keeps of a sign-in. */
function deviceCookie(response: { cookies: { name: string; value: string }[] }): string {
  const value = response.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  assert.ok(value, 'the answer sets the device cookie')
  return value
}

/** Somebody with an account and the cookie of a device that has signed in to it. */
async function withDevice(server: TestServer) {
  const person = await signedUp(server)
  const device = deviceCookie(await attempt(server, person, PASSWORD))
  return { person, device }
}

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
    const before = server.queries.length
    await work()
    // Without the feed of revocations, which asks every second.
    return server.queries.slice(before).filter((sql) => !/(revokedAt|roleChangedAt)` >=/.test(sql))
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

test('A device that has signed in before is let in while unknown ones are locked out, by either transport', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  await fail(server, person, 10)
  assertProblem(await attempt(server, person, PASSWORD), 'invalid_credentials')

  const app = await attempt(server, person, PASSWORD, device)
  await fail(server, person, 10)
  const cookies = { cookie: `${DEVICE_COOKIE}=${device}` }
  const credentials = { username: person.username, password: PASSWORD, transport: 'cookie' }
  const browser = await call(server, 'POST /login', credentials, { ...BROWSER, ...cookies })

  assert.deepEqual([app.statusCode, browser.statusCode], [200, 200])
  assert.equal(deviceCookie(app), device)
})

test('A known device has a count of its own, which locks nobody else out', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  const other = deviceCookie(await attempt(server, person, PASSWORD))
  await fail(server, person, 10, device)

  const locked = await attempt(server, person, PASSWORD, device)
  const known = await attempt(server, person, PASSWORD, other)
  const unknown = await attempt(server, person, PASSWORD)

  assertProblem(locked, 'invalid_credentials')
  assert.deepEqual([known.statusCode, unknown.statusCode], [200, 200])
})

test('A device cookie of another account, a forged and a damaged one are those of unknown devices', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  const stranger = await withDevice(server)
  await fail(server, person, 10)
  const [id = '', code = ''] = device.split('.')
  const damaged = `${id}.${code.startsWith('A') ? 'B' : 'A'}${code.slice(1)}`

  for (const cookie of [stranger.device, damaged, id, `${device}.x`, '~', '', 'x'.repeat(5000)]) {
    const response = await attempt(server, person, PASSWORD, cookie)
    assertProblem(response, 'invalid_credentials')
  }
  assert.equal((await attempt(server, person, PASSWORD, device)).statusCode, 200)
})

test('One browser keeps five accounts apart and names none of them', async (t) => {
  const server = await startServer(t, { env: OFF })
  const people = []
  let cookie: string | undefined
  for (let count = 0; count < 6; count++) {
    const person = await signedUp(server)
    cookie = deviceCookie(await attempt(server, person, PASSWORD, cookie))
    people.push(person)
  }

  const isKnown = people.map(({ user }) => {
    const account = { id: user.id, credentialVersion: 1 }
    return server.services.knownDevices.recognize(cookie, account) !== undefined
  })

  assert.deepEqual(isKnown, [false, true, true, true, true, true])
  for (const { user } of people) assert.ok(!cookie?.includes(user.id))
  assert.ok(String(cookie).length < 400)
})

test('The device cookie has the attributes of the refresh cookie and lives as long as browsers allow', async (t) => {
  const server = await startServer(t, { env: OFF })
  const person = await signedUp(server)

  const response = await attempt(server, person, PASSWORD)

  const value = encodeURIComponent(deviceCookie(response))
  const rules = 'Max-Age=34560000; Path=/; HttpOnly; SameSite=Strict'
  assert.equal(response.headers['set-cookie'], `${DEVICE_COOKIE}=${value}; ${rules}`)
})

test('Another site can neither use nor replace the device cookie', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  await fail(server, person, 10)
  const { username } = person
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]

  for (const headers of foreign) {
    const cookie = `${DEVICE_COOKIE}=${device}`
    const body = { username, password: PASSWORD }
    const used = await call(server, 'POST /login', body, { ...headers, cookie })
    assertProblem(used, 'invalid_credentials')
  }
  server.clock.advance(PAUSE)
  for (const headers of foreign) {
    const planted = await call(server, 'POST /login', { username, password: PASSWORD }, headers)
    assert.deepEqual([planted.statusCode, planted.headers['set-cookie']], [200, undefined])
  }
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

  await server.services.administration.unlock(person.email)

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

test('A change of password makes every device but the one that changed it unknown', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  const newPassword = 'another horse, another battery'
  const change = { currentPassword: PASSWORD, newPassword }
  const changed = await call(server, 'PUT /password', change, bearer(person.access_token))
  await fail(server, person, 10)

  const before = await attempt(server, person, newPassword, device)
  const after = await attempt(server, person, newPassword, deviceCookie(changed))

  assertProblem(before, 'invalid_credentials')
  assert.equal(after.statusCode, 200)
})

test('The lock that stays is recorded at whatever number it is set to', async (t) => {
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

test('A known device that failed a hundred times in a row is one like all the others', async (t) => {
  const server = await startServer(t, { env: { ...OFF, SIGN_IN_FAILURES_MAX: '10' } })
  const { person, device } = await withDevice(server)

  await shutOut(server, person, device, 10)
  const unknown = await attempt(server, person, PASSWORD, device)
  await shutOut(server, person, device, 10)
  const shut = await attempt(server, person, PASSWORD, device)

  assert.equal(unknown.statusCode, 200)
  assert.notEqual(deviceCookie(unknown), device)
  assertProblem(shut, 'invalid_credentials')
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
  // The access token is over by now, and the session goes on.
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

test('Of fifty confirmations at once ten are told wrong, and the rest that the session is locked', async (t) => {
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

test('Names that nobody has fill a bounded number of rows', async (t) => {
  const server = await startServer(t, { env: OFF })
  const subjects = new Set<string>()

  for (let count = 0; count < 20_000; count++) {
    subjects.add(server.services.lockout.standIn(`nobody-${count}`))
  }

  assert.equal(subjects.size, 1024)
  assert.equal(server.services.lockout.standIn('x'), server.services.lockout.standIn('x'))
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
