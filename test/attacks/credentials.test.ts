// Attacks on passwords and sign-in. See also: bounds and the blocklist,
// ../passwords/passwords.test.ts; damaged hashes and the queue,
// ../passwords/password-hashes.test.ts; locks, ../sign-in/lockout.test.ts; no account that nobody
// made, ../sign-in/login.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import { BROWSER, call } from '../support/answers.ts'
import {
  bearer,
  DEVICE_COOKIE,
  PASSWORD,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { databaseKind, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { deedsOf, sharedServer } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const OFF = { RATE_LIMITS: 'off' }
const theServer = sharedServer({
  ...OFF,
  SIGN_IN_FAILURES_MAX: '10',
  TRUST_PROXY: '127.0.0.1',
})
const WRONG = 'not the password at all'

const login = (server: TestServer, username: string, password: string, headers = {}) =>
  call(server, 'POST /login', { username, password }, headers)

test('a password of a megabyte is refused before anything is hashed or normalized, wherever one is asked for', async (t) => {
  const server = await theServer()
  const { username, access_token } = await signedUp(server)
  const hash = t.mock.method(hashEngine, 'hash')
  const verify = t.mock.method(hashEngine, 'verify')
  const normalize = t.mock.method(String.prototype, 'normalize')
  const account = { username: uniqueName(), email: 'somebody@example.com' }
  const json = { 'content-type': 'application/json', ...bearer(access_token) }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  for (const length of [1_000_000, 30_000]) {
    const password = `a${'\u0301\u0323'.repeat(length / 4)}`
    const answers = [
      await call(server, 'POST /register', JSON.stringify({ ...account, password }), json),
      await call(server, 'POST /login', JSON.stringify({ username, password }), json),
      await call(
        server,
        'PUT /password',
        JSON.stringify({ currentPassword: password, newPassword: password }),
        json,
      ),
      await call(
        server,
        'PATCH /me',
        JSON.stringify({ username: 'other', currentPassword: password }),
        json,
      ),
      await call(server, 'DELETE /me', JSON.stringify({ currentPassword: password }), json),
      await call(server, 'POST /login', `username=x&password=${'p'.repeat(length)}`, form),
    ]
    const code = length > 65_536 ? 'payload_too_large' : 'validation_failed'
    for (const answer of answers) assert.equal(answer.json().code, code)
  }

  const longest = Math.max(0, ...normalize.mock.calls.map(({ this: text }) => String(text).length))
  assert.deepEqual([hash.mock.callCount(), verify.mock.callCount()], [0, 0])
  assert.ok(longest <= 1024, `a text of ${longest} characters was normalized`)
})

if (databaseKind === 'sqlite') {
  test('a hundred sign-ins at once with the longest passwords keep to their share of the machine', async (t) => {
    const cost = { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '1' }
    const server = await startServer(t, { env: { ...OFF, ...cost } })
    const { access_token } = await signedUp(server)
    const { verify } = hashEngine
    let [running, most] = [0, 0]
    t.mock.method(hashEngine, 'verify', async (...of: Parameters<typeof verify>) => {
      running += 1
      most = Math.max(most, running)
      return verify(...of).finally(() => {
        running -= 1
      })
    })

    const queued: number[] = []
    const flood = Promise.all(
      Array.from({ length: 100 }, async () => {
        const from = performance.now()
        const answer = await login(server, uniqueName(), '🦊'.repeat(512))
        if (answer.statusCode === 401) queued.push(performance.now() - from)
        return answer
      }),
    )
    const waits: number[] = []
    while (running > 0 || waits.length < 5) {
      const from = performance.now()
      const answers = [
        await server.inject({ url: '/livez' }),
        await server.inject({ url: '/me', headers: bearer(access_token) }),
      ]
      for (const { statusCode } of answers) assert.equal(statusCode, 200)
      waits.push(performance.now() - from)
    }
    const answers = await flood

    const shed = answers.filter(({ statusCode }) => statusCode === 503)
    for (const answer of shed) {
      assert.equal(answer.json().code, 'overloaded')
      assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/)
    }
    const checked = answers.filter(({ statusCode }) => statusCode === 401)
    assert.equal(checked.length + shed.length, 100)
    assert.ok(shed.length >= 10, `${shed.length} were shed`)
    // 19 MiB each; a machine with more cores has more memory, too.
    assert.ok(most <= Math.floor((256 * 1024) / 19_456), `${most} hashes ran at once`)
    const [others, own] = [waits, queued].map(medianOf)
    assert.ok(
      Number(others) < Number(own) / 2,
      `the others waited for ${others} ms, those for ${own}`,
    )
  })
}

test('a sign-in costs exactly one hash for every name and every state of the account', async (t) => {
  const server = await theServer()
  const [known, locked, disabled] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  for (let guess = 0; guess < 10; guess++) await login(server, locked.username, WRONG)
  await operator(server).disable(disabled.username)
  const verify = t.mock.method(hashEngine, 'verify')
  const hash = t.mock.method(hashEngine, 'hash')

  const costs = []
  for (const { username } of [known, locked, disabled, { username: 'nobody' }]) {
    for (const password of [WRONG, PASSWORD]) {
      const before = verify.mock.callCount()
      await login(server, username, password)
      costs.push(verify.mock.callCount() - before)
    }
  }

  assert.deepEqual(costs, Array(8).fill(1))
  assert.equal(hash.mock.callCount(), 0)
})

test('however a guesser dresses up, its tenth guess locks it out', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const own = await signedUp(server)
  const ownDevice = (await login(server, own.username, PASSWORD)).cookies[0]?.value
  const { username, email } = person
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const guess = (payload: object | string, headers = {}) =>
    call(server, 'POST /login', payload, headers)

  const refused = [
    await guess({ username, password: WRONG }, { 'x-forwarded-for': '203.0.113.1' }),
    await guess({ username: email, password: WRONG }, { 'x-forwarded-for': '2001:db8::1' }),
    await guess({ username: username.toUpperCase(), password: WRONG }, { 'user-agent': 'curl' }),
    await guess({ username, password: WRONG, transport: 'cookie' }, BROWSER),
    await guess(`username=${username}&password=${encodeURIComponent(WRONG)}`, form),
    await guess({ username, password: WRONG }, bearer(own.access_token)),
    await guess({ username, password: WRONG }, { cookie: `${DEVICE_COOKIE}=${ownDevice}` }),
    await guess({ username, password: WRONG }, { cookie: `${DEVICE_COOKIE}=unknown.x` }),
    await guess({ username, password: WRONG }, { cookie: `${DEVICE_COOKIE}=${'A'.repeat(22)}.x` }),
    await guess({ username: email.toUpperCase(), password: WRONG }, { origin: 'null' }),
  ]

  for (const answer of refused) assertProblem(answer, 'invalid_credentials')
  assertProblem(await guess({ username, password: PASSWORD }), 'invalid_credentials')
  assert.ok((await deedsOf(server, person)).includes('sign_in_locked'))
})

test('a lock ends no session, and a signed-in user can change the password', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  for (let guess = 0; guess < 12; guess++) await login(server, person.username, WRONG)
  assertProblem(await login(server, person.username, PASSWORD), 'invalid_credentials')

  const rotated = await refresh(server, other.refresh_token)
  const me = await call(server, 'GET /me', undefined, bearer(person.access_token))
  const change = { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }
  const changed = await call(server, 'PUT /password', change, bearer(person.access_token))

  const statuses = [rotated, me, changed].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [200, 200, 200])
})

test('the present password in another normal form is refused as a new one', async () => {
  const server = await theServer()
  const present = 'crème brûlée, noël'
  const person = await signedUp(server)
  const change = (token: string, currentPassword: string, newPassword: string) =>
    call(server, 'PUT /password', { currentPassword, newPassword }, bearer(token))
  const changed = await change(person.access_token, PASSWORD, present.normalize('NFC'))
  assert.equal(changed.statusCode, 200)
  const { access_token } = changed.json<{ access_token: string }>()

  const twin = await change(access_token, present.normalize('NFC'), present.normalize('NFD'))
  const otherTwin = await change(access_token, present.normalize('NFD'), present.normalize('NFC'))

  for (const answer of [twin, otherTwin]) assertFaults(answer, ['/newPassword unchanged'])
})

const medianOf = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
