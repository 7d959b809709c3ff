import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Overloaded } from '../../src/platform/errors/table.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { ask, newHouse, sharedServer } from '../support/houses.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { assertProblem, assertWrongPassword } from '../support/problems.ts'

/** One for all tests: each has networks, sessions and users of its own. */
const theServer = sharedServer()

function register(server: TestServer, remoteAddress: string) {
  const username = uniqueName()
  const payload = { username, email: `${username}@example.com`, password: PASSWORD }
  return server.inject({ method: 'POST', url: '/register', payload, remoteAddress })
}

test('POST /register answers 429 to a network that registered 100 accounts, for an hour', async () => {
  const server = await theServer()
  await leave(1, server, 'register', '192.0.2.1')

  const last = await register(server, '192.0.2.1')
  server.clock.advance(1)
  const refused = await register(server, '192.0.2.1')
  const mapped = await register(server, '::ffff:192.0.2.1')
  const elsewhere = await register(server, '192.0.2.2')
  server.clock.advance(3599)
  const later = await register(server, '192.0.2.1')

  assert.deepEqual(
    [last, elsewhere, later].map(({ statusCode }) => statusCode),
    [201, 201, 201],
  )
  assertUsedUp(refused, 'register', { wait: 3599 })
  assertUsedUp(mapped, 'register', { wait: 3599 })
})

test('a 429 says in words, headers and names which budget is used up, and never looks like a 401', async () => {
  const server = await theServer()
  await leave(0, server, 'register', '192.0.2.3')
  server.clock.advance(0.001)

  const { statusCode, headers, body } = await register(server, '192.0.2.3')

  assert.equal(statusCode, 429)
  assert.deepEqual(JSON.parse(body), {
    type: '/problems/rate_limited',
    title: 'Too many requests',
    status: 429,
    detail: 'Only 100 registrations from one network are allowed in 3600 s; retry in 3600 s.',
    instance: headers['x-request-id'],
    code: 'rate_limited',
    action: 'retry',
    'violated-policies': ['register'],
  })
  assert.equal(headers['retry-after'], '3600')
  assert.equal(headers.ratelimit, '"register";r=0;t=3600')
  assert.equal(headers['ratelimit-policy'], '"register";q=100;w=3600')
  assert.equal(headers['www-authenticate'], undefined)
  const line = server.logs.findLast(({ msg }) => msg === 'request')
  assert.deepEqual([line?.problem, line?.budget], ['rate_limited', 'register'])
})

test('POST /refresh answers 429 to a session that refreshed 120 times, and forgeries cost it nothing', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const second = await signedIn(server, person)
  await leave(1, server, 'refresh', person.sessionId)

  const forged = await refresh(server, `${person.refresh_token?.slice(0, -8)}AAAAAAAA`)
  const last = await refresh(server, person.refresh_token)
  const token = last.json().refresh_token
  const refused = await refresh(server, token)
  const other = await refresh(server, second.refresh_token)
  server.clock.advance(60)
  const later = await refresh(server, token)

  assertProblem(forged, 'invalid_token')
  assertUsedUp(refused, 'refresh', { wait: 60 })
  assert.deepEqual(
    [last, other, later].map((answer) => [answer.statusCode, answer.json().refreshed]),
    [
      [200, 'rotated'],
      [200, 'rotated'],
      [200, 'rotated'],
    ],
  )
})

test('POST /houses/:id/photos answers 429 to a user who uploaded 120 files, with any form', async () => {
  const server = await theServer()
  const [owner, other] = [await signedUp(server), await signedUp(server)]
  const [house, others] = [await newHouse(server, owner), await newHouse(server, other)]
  const form = formWith(await aPicture())
  const upload = (token: string, id: string, payload: Buffer | string = form.payload) =>
    server.inject({
      method: 'POST',
      url: `/houses/${id}/photos`,
      payload,
      headers: { ...form.headers, ...bearer(token) },
    })
  await leave(1, server, 'upload', owner.user.id)

  const last = await upload(owner.access_token, house.id)
  const refused = await upload(owner.access_token, house.id)
  const broken = await upload(owner.access_token, house.id, 'no form at all')
  const elsewhere = await upload(other.access_token, others.id)
  server.clock.advance(600)
  const later = await upload(owner.access_token, house.id)

  assert.deepEqual(
    [last, elsewhere, later].map(({ statusCode }) => statusCode),
    [201, 201, 201],
  )
  assertUsedUp(refused, 'upload', { wait: 600 })
  assertUsedUp(broken, 'upload', { wait: 600 })
  assert.equal((await ask(server, `GET /houses/${house.id}/photos`, owner)).json().items.length, 2)
})

/** Tries to sign in from an address. */
function login(server: TestServer, username: string, password: string, remoteAddress: string) {
  const payload = { username, password }
  return server.inject({ method: 'POST', url: '/login', payload, remoteAddress })
}

test('POST /login answers 429 to failures beyond 60 a minute for one name, whether or not somebody has it', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const address = '198.51.100.1'

  for (const name of [person.username, uniqueName('nobody')]) {
    await leave(1, server, 'login', name)
    assertProblem(await login(server, name, 'a wrong guess', address), 'invalid_credentials')
    assertUsedUp(await login(server, name.toUpperCase(), PASSWORD, address), 'login', { wait: 60 })
  }
  const byMail = await login(server, person.email, PASSWORD, address)
  server.clock.advance(60)
  const later = await login(server, person.username, PASSWORD, address)

  assert.deepEqual([byMail.statusCode, later.statusCode], [200, 200])
})

test('POST /login counts failures alone against the account and the network', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const address = '198.51.100.2'
  await leave(1, server, 'login', person.username)
  await leave(1, server, 'login_network', address)

  for (let times = 0; times < 3; times++) {
    assert.equal((await login(server, person.username, PASSWORD, address)).statusCode, 200)
  }
  const failed = await login(server, uniqueName(), PASSWORD, address)
  const refused = await login(server, person.username, PASSWORD, address)

  assertProblem(failed, 'invalid_credentials')
  assertUsedUp(refused, 'login_network', { wait: 600 })
})

test('POST /login counts failures of unknown devices for their network, not for each address of it', async () => {
  const server = await theServer()
  const failAt = (address: string) => login(server, uniqueName(), PASSWORD, address)
  await leave(2, server, 'login_network', '2001:db8:0:7::/64')

  const within = [await failAt('2001:db8:0:7::1'), await failAt('2001:db8:0:7:ffff::2')]
  const refused = await failAt('2001:db8:0:7::3')
  const elsewhere = await failAt('2001:db8:0:8::1')

  for (const response of [...within, elsewhere]) assertProblem(response, 'invalid_credentials')
  assertUsedUp(refused, 'login_network', { wait: 600 })
})

test('POST /login from a known device does not depend on what others of its network do', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const address = '198.51.100.3'
  const first = await login(server, person.username, PASSWORD, address)
  const cookie = String(first.headers['set-cookie']).split(';', 1)[0]
  await leave(0, server, 'login_network', address)
  await leave(0, server, 'login', person.username)

  const response = await server.inject({
    ...{ method: 'POST', url: '/login', remoteAddress: address, headers: { cookie } },
    payload: { username: person.username, password: PASSWORD },
  })

  assert.equal(response.statusCode, 200)
})

test('a signed-in user gives the password again 60 times wrong in a minute and then gets 429', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  await leave(1, server, 'login_device', `${person.user.id} ${person.sessionId}`)
  const erase = (currentPassword: string) =>
    server.inject({
      ...{ method: 'DELETE', url: '/me', headers: bearer(person.access_token) },
      payload: { currentPassword },
    })

  assertWrongPassword(await erase('a wrong guess'))
  assertUsedUp(await erase(PASSWORD), 'login_device', { wait: 60 })
})

test('a network without a budget uses up none of an account', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const address = '198.51.100.4'
  await leave(0, server, 'login_network', address)

  for (let times = 0; times < 61; times++) {
    const refused = await login(server, person.username, 'a wrong guess', address)
    assertUsedUp(refused, 'login_network', { wait: 600 })
  }
  const elsewhere = await login(server, person.username, PASSWORD, '198.51.100.5')

  assert.equal(elsewhere.statusCode, 200)
})

test('a sign-in that the server was too busy to judge costs no budget', async (t) => {
  const server = await theServer()
  const person = await signedUp(server)
  const busy = t.mock.method(server.services.passwords, 'match', async () => {
    throw Overloaded()
  })
  for (let times = 0; times < 61; times++) {
    assertProblem(await login(server, person.username, PASSWORD, '198.51.100.6'), 'overloaded')
  }
  busy.mock.restore()

  const later = await login(server, person.username, PASSWORD, '198.51.100.6')

  assert.equal(later.statusCode, 200)
})
