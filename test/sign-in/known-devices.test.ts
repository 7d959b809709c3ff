import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFailureStore } from '../../src/features/lockout/failure-store.ts'
import { createLocks } from '../../src/features/lockout/locks.ts'
import { createLockout } from '../../src/features/lockout/service.ts'
import { createMasterSecrets } from '../../src/platform/crypto/master-secret.ts'
import { NO_DEVICE } from '../../src/platform/device.ts'
import { BROWSER, call } from '../support/answers.ts'
import { bearer, DEVICE_COOKIE, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { attempt, deviceCookie, fail, OFF, PAUSE, shutOut, withDevice } from '../support/lockout.ts'
import { assertProblem } from '../support/problems.ts'

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

test('A known device has its own count, which locks no other device out', async (t) => {
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

test('A right password from one device forgets nothing of another one', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  const other = deviceCookie(await attempt(server, person, PASSWORD))
  await fail(server, person, 1, device)
  await fail(server, person, 9, other)

  const right = await attempt(server, person, PASSWORD, device)
  await fail(server, person, 1, other)
  const locked = await attempt(server, person, PASSWORD, other)

  assert.equal(right.statusCode, 200)
  assertProblem(locked, 'invalid_credentials')
})

/**
 * The failures before a right password is judged, and where the one more leads that comes just
 * then.
 */
const overtakers: [what: string, failuresMax: number, before: number][] = [
  ['locks', 100, 9],
  ['shuts', 5, 4],
]

for (const [what, failuresMax, before] of overtakers) {
  test(`A right password is refused when a failure ${what} its device in the same moment`, async (t) => {
    const server = await startServer(t, { env: OFF })
    const { db, statements } = server.services
    const secrets = createMasterSecrets([Buffer.alloc(32)])
    const { clock } = server
    const locks = createLocks({ clock, failuresMax })
    const lockoutWith = (own: typeof statements) =>
      createLockout({
        ...{ ...server.services, secrets, locks },
        store: createFailureStore({ db, statements: own, clock, failuresMax }),
      })
    const others = lockoutWith(statements)
    const guess = (subject: string, device: string | undefined) =>
      others.recordAttempt({ subject, device, isRight: false, from: NO_DEVICE })

    for (const device of [undefined, 'a-device']) {
      const subject = uniqueName()
      for (let failure = 0; failure < before; failure++) await guess(subject, device)
      let looks = 0
      const select = async <Row extends object>(
        statement: Parameters<typeof statements.select>[0],
      ) => {
        const rows = await statements.select<Row>(statement)
        looks += 1
        if (looks === 1) await guess(subject, device)
        return rows
      }
      const { recordAttempt } = lockoutWith({ ...statements, select })

      const result = await recordAttempt({ subject, device, isRight: true, from: NO_DEVICE })

      const rows = await db.signInFailures.findMany({ where: { subject } })
      assert.equal(result.isAllowed, false)
      assert.ok((rows[0]?.failures ?? 0) > before, 'the failures are forgotten')
    }
  })
}

test('A right password on one device forgets no failures of another', async (t) => {
  const server = await startServer(t, { env: OFF })
  const { person, device } = await withDevice(server)
  const other = deviceCookie(await attempt(server, person, PASSWORD))
  await fail(server, person, 9, device)
  await fail(server, person, 1, other)

  assert.equal((await attempt(server, person, PASSWORD, other)).statusCode, 200)
  assert.equal((await attempt(server, person, PASSWORD)).statusCode, 200)
  await fail(server, person, 1, device)

  assertProblem(await attempt(server, person, PASSWORD, device), 'invalid_credentials')
  assert.equal((await attempt(server, person, PASSWORD, other)).statusCode, 200)
})
