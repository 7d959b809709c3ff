import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { ApiError } from '../../src/platform/errors/api-error.ts'
import { Overloaded } from '../../src/platform/errors/table.ts'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import { hashesAtOnce, standardLimits } from '../../src/platform/passwords/hash-queue.ts'
import { createPasswords } from '../../src/platform/passwords/passwords.ts'
import { assertNotLogged, auditTypes, call, liveSessions } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

const COST = { memoryKib: 64, time: 1, parallelism: 1 }

const login = (server: TestServer, username: string, password: string) =>
  call(server, 'POST /login', { username, password })

const storedHash = async (server: TestServer) =>
  (await server.database.client.user.findFirstOrThrow()).passwordHash

test('an unknown user costs one hash with the parameters of a known one', async (t) => {
  const server = await startServer(t, { env: { ARGON2_MEMORY_KIB: '128', ARGON2_TIME: '2' } })
  const { username } = await signedUp(server)
  const verify = t.mock.method(hashEngine, 'verify')

  await login(server, username, 'wrong password')
  await login(server, 'nobody-at-all', 'wrong password')

  const hashes = verify.mock.calls.map(({ arguments: [hash] }) => String(hash))
  assert.equal(hashes.length, 2)
  const shape = /^\$argon2id\$v=19\$m=128,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/
  for (const hash of hashes) assert.match(hash, shape)
})

test('a stored hash that is absurd or damaged is a wrong password, and is never computed', async (t) => {
  const passwords = createPasswords(COST)
  const genuine = await passwords.hash(PASSWORD)
  const verify = t.mock.method(hashEngine, 'verify')
  const absurd = [
    genuine.replace('m=64', 'm=4294967295'),
    genuine.replace('m=64', 'm=1048577'),
    genuine.replace('m=64', 'm=7'),
    genuine.replace('t=1', 't=99999'),
    genuine.replace('t=1', 't=21'),
    genuine.replace('t=1', 't=0'),
    genuine.replace('p=1', 'p=17'),
    genuine.replace('p=1', 'p=0'),
    genuine.replace('p=1', 'p=9'),
    genuine.replace('argon2id', 'argon2i'),
    genuine.replace('v=19', 'v=16'),
    genuine.slice(0, -24),
    `${genuine}\n`,
    ` ${genuine}`,
    '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
    PASSWORD,
    '',
  ]

  for (const stored of absurd) assert.equal(await passwords.verify(stored, PASSWORD), false, stored)

  const computed = verify.mock.calls.map(({ arguments: [hash] }) => String(hash))
  assert.equal(computed.length, absurd.length)
  for (const hash of computed) assert.ok(!absurd.includes(hash))
  assert.equal(await passwords.verify(genuine, PASSWORD), true)
})

test('a stored hash that lost any one character is a wrong password', async () => {
  const passwords = createPasswords(COST)
  const stored = await passwords.hash(PASSWORD)

  for (let place = 0; place < stored.length; place++) {
    const damaged = stored.slice(0, place) + stored.slice(place + 1)
    assert.equal(await passwords.verify(damaged, PASSWORD), false, damaged)
  }
})

test('POST /login over a damaged hash answers invalid_credentials', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)

  for (const passwordHash of ['', 'x', '$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA', PASSWORD]) {
    await server.database.client.user.updateMany({ data: { passwordHash } })
    assertProblem(await login(server, username, PASSWORD), 'invalid_credentials')
  }
})

for (const [what, env] of [
  ['raised', { ARGON2_MEMORY_KIB: '128', ARGON2_TIME: '2' }],
  ['lowered', { ARGON2_MEMORY_KIB: '32', ARGON2_TIME: '1' }],
] as const) {
  test(`a cost that was ${what} is renewed at the next sign-in, not by a wrong password`, async (t) => {
    const url = await freshDatabase(t)
    const { username } = await signedUp(await startServer(t, { url }))
    const server = await startServer(t, { url, env })
    const before = await storedHash(server)

    await login(server, username, 'wrong password')
    const afterWrong = await storedHash(server)
    const response = await login(server, username, PASSWORD)
    const after = await storedHash(server)
    const again = await login(server, username, PASSWORD)

    assert.equal(afterWrong, before)
    assert.equal(response.statusCode, 200)
    const parameters = `m=${env.ARGON2_MEMORY_KIB},t=${env.ARGON2_TIME},p=1`
    assert.equal(after?.split('$')[3], parameters)
    assert.equal(again.statusCode, 200)
    assert.equal(await storedHash(server), after)
  })
}

for (const [what, meanwhile] of [
  [
    'a change of password',
    async (server: TestServer, token: string) => {
      const body = { currentPassword: PASSWORD, newPassword: 'a wholly different phrase' }
      const response = await call(server, 'PUT /password', body, bearer(token))
      assert.equal(response.statusCode, 200)
    },
  ],
  [
    'a disabled account',
    (server: TestServer, _token: string, name: string) => operator(server).disable(name),
  ],
  [
    'a deleted account',
    async (server: TestServer, token: string) => {
      const body = { currentPassword: PASSWORD }
      const response = await call(server, 'DELETE /me', body, bearer(token))
      assert.equal(response.statusCode, 204)
    },
  ],
] as const) {
  test(`${what} between the check and the session lets no session begin`, async (t) => {
    const server = await startServer(t)
    const { username, access_token, sessionId } = await signedUp(server)
    const { credentials } = server.services
    const check = credentials.signIn
    t.mock.method(credentials, 'signIn', async (...of: Parameters<typeof check>) => {
      const signedIn = await check(...of)
      await meanwhile(server, access_token, username)
      return signedIn
    })

    const response = await login(server, username, PASSWORD)

    assertProblem(response, 'invalid_credentials')
    const sessions = await server.database.client.session.findMany()
    assert.deepEqual(
      sessions.map(({ id }) => id),
      [sessionId],
    )
    const signIns = (await auditTypes(server)).filter((type) => type === 'signed_in')
    assert.equal(signIns.length, 1)
    assertNotLogged(server, [PASSWORD, access_token])
  })
}

test('a change of password while the cost is renewed keeps the new password', async (t) => {
  const url = await freshDatabase(t)
  const person = await signedUp(await startServer(t, { url }))
  const server = await startServer(t, { url, env: { ARGON2_TIME: '2' } })
  const { hash } = hashEngine
  const changed = await createPasswords(COST).hash('a wholly different phrase')
  t.mock.method(hashEngine, 'hash', async (...of: Parameters<typeof hash>) => {
    await server.database.client.user.updateMany({
      data: { passwordHash: changed, credentialVersion: 2 },
    })
    return hash(...of)
  })

  const response = await login(server, person.username, PASSWORD)

  assertProblem(response, 'invalid_credentials')
  assert.equal(await storedHash(server), changed)
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
})

for (const [what, cost, machine, expected] of [
  ['as many as cores', {}, { cores: 2, poolThreads: 4 }, 2],
  ['two less than the pool has threads', {}, { cores: 8, poolThreads: 4 }, 2],
  ['as many as cores in a pool that was enlarged', {}, { cores: 8, poolThreads: 10 }, 8],
  ['as many as have cores for their lanes', { parallelism: 4 }, { cores: 8, poolThreads: 10 }, 2],
  ['as many as fit into 256 MiB', { memoryKib: 65_537 }, { cores: 8, poolThreads: 10 }, 3],
  ['one that needs more than that', { memoryKib: 262_145 }, { cores: 8, poolThreads: 10 }, 1],
  ['one with more lanes than cores', { parallelism: 16 }, { cores: 2, poolThreads: 4 }, 1],
  ['one in a pool of one thread', {}, { cores: 8, poolThreads: 1 }, 1],
] as const) {
  test(`hashes run in parallel: ${what}`, async (t) => {
    const meter = createMeter()
    t.mock.method(hashEngine, 'hash', () => meter.during(setImmediate))
    const passwords = createPasswords({ ...COST, memoryKib: 19_456, ...cost }, machine)

    await Promise.all(Array.from({ length: 20 }, () => passwords.hash(PASSWORD)))

    assert.equal(meter.most(), expected)
  })
}

test('hashes from before the cost was lowered run one at a time, the others beside them', async (t) => {
  const limits = { cores: 4, poolThreads: 6 }
  const passwords = createPasswords(COST, limits)
  const stored = await passwords.hash(PASSWORD)
  const dear = [stored.replace('m=64', 'm=128'), stored.replace('p=1', 'p=2')]
  const meter = createMeter()
  const ofDear = createMeter()
  t.mock.method(hashEngine, 'verify', (hash: string) =>
    meter.during(hash === stored ? setImmediate : () => ofDear.during(setImmediate)),
  )

  const hashes = Array.from({ length: 5 }, () => [...dear, stored, stored]).flat()
  await Promise.all(hashes.map((hash) => passwords.verify(hash, PASSWORD)))

  assert.equal(meter.most(), 4)
  assert.equal(ofDear.most(), 1)
})

test('hashes beyond the queue are refused as overloaded, and those in it are done', async () => {
  const limits = { cores: 2, poolThreads: 4, queueLength: 4, refusalPauseMs: 0 }
  const passwords = createPasswords(COST, limits)

  const results = await Promise.allSettled(
    Array.from({ length: 200 }, () => passwords.hash(PASSWORD)),
  )

  const refused = results.filter((result) => result.status === 'rejected')
  assert.equal(refused.length, 194)
  for (const { reason } of refused) assertOverloaded(reason)
  assert.ok(await passwords.hash(PASSWORD))
})

test('costly hashes that wait are counted: beyond the queue they are refused, and others with them', async (t) => {
  const limits = { cores: 2, poolThreads: 4, queueLength: 4, refusalPauseMs: 0 }
  const passwords = createPasswords(COST, limits)
  const stored = await passwords.hash(PASSWORD)
  const dear = stored.replace('m=64', 'm=128')
  const gate = new EventEmitter()
  const opened = once(gate, 'open').then(() => true)
  t.mock.method(hashEngine, 'verify', () => opened)

  const checks = Array.from({ length: 20 }, () => passwords.verify(dear, PASSWORD))
  const settled = Promise.allSettled(checks)
  await setImmediate()
  const late = passwords.verify(stored, PASSWORD)
  await late.then(() => assert.fail('it was let in'), assertOverloaded)
  gate.emit('open')
  const refused = (await settled).filter(({ status }) => status === 'rejected')

  // One runs, and four wait.
  assert.equal(refused.length, 15)
})

test('a hash that waited too long is refused, and never computed', async (t) => {
  const limits = { cores: 1, longestWaitMs: 20 }
  const passwords = createPasswords(COST, limits)
  const hash = t.mock.method(hashEngine, 'hash', () => setTimeout(25))

  const [first, ...others] = await Promise.allSettled(
    Array.from({ length: 5 }, () => passwords.hash(PASSWORD)),
  )

  assert.equal(first?.status, 'fulfilled')
  for (const other of others) {
    assert.equal(other.status, 'rejected')
    assertOverloaded(other.reason)
  }
  assert.equal(hash.mock.callCount(), 1)
})

test('a refusal is held back, but no more than 1024 of them at a time', async () => {
  const passwords = createPasswords(COST, { queueLength: 0, refusalPauseMs: 50 })
  let refusals = 0
  const ask = async () => {
    await passwords.assertCapacity().catch(assertOverloaded)
    refusals += 1
  }

  const held = Array.from({ length: 1024 }, ask)
  await ask()
  const atOnce = refusals
  await Promise.all(held)
  const later = ask()
  await setImmediate()
  const stillHeld = refusals
  await later

  assert.equal(atOnce, 1)
  assert.equal(stillHeld, 1025)
})

test('a flood of 200 sign-ins is checked as far as the queue goes, and the rest shed with 503', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const { username } = await signedUp(server)
  const taken = hashesAtOnce(COST) + standardLimits.queueLength
  const gate = new EventEmitter()
  const meter = createMeter()
  t.mock.method(hashEngine, 'verify', () => meter.during(() => opened))
  const opened = once(gate, 'open').then(() => false)
  const answers: Awaited<ReturnType<typeof login>>[] = []
  const ask = async () => {
    answers.push(await login(server, username, PASSWORD))
    // Nothing that is let in can be answered before all others are refused.
    if (answers.length === 200 - taken) gate.emit('open')
  }

  await Promise.all(Array.from({ length: 200 }, ask))

  for (const [at, answer] of answers.entries()) {
    const isRefused = at < 200 - taken
    assertProblem(answer, isRefused ? 'overloaded' : 'invalid_credentials')
    assert.equal(answer.headers['retry-after'], isRefused ? '2' : undefined)
  }
  assert.equal(meter.most(), hashesAtOnce(COST))
})

test('POST /login asks the database nothing while no hash would be let in', async (t) => {
  const server = await startServer(t)
  t.mock.method(server.services.passwords, 'assertCapacity', async () => {
    throw Overloaded()
  })

  const answer = await login(server, 'late-comer', PASSWORD)

  assertProblem(answer, 'overloaded')
  assert.ok(!server.values.flat().includes('late-comer'))
})

function assertOverloaded(reason: unknown): void {
  assert.ok(reason instanceof ApiError)
  assert.equal(reason.definition.code, 'overloaded')
  assert.deepEqual(reason.headers, { 'retry-after': '2' })
}

/** Says how much of something was under way at once at most. */
function createMeter() {
  let underWay = 0
  let most = 0
  return {
    most: () => most,
    during: async <T>(work: () => Promise<T>): Promise<T> => {
      underWay += 1
      most = Math.max(most, underWay)
      return work().finally(() => {
        underWay -= 1
      })
    },
  }
}
