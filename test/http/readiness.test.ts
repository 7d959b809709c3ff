import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWriteWatch } from '../../src/platform/database/write-watch.ts'
import { isMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

// Ready means able to write. What MySQL does about it is in failover.test.ts and
// mysql-rights.test.ts.

const EVERY_MS = 10
const TRIES = 200

if (!isMysql) {
  for (const [what, on, off] of [
    ['is read-only', 'PRAGMA query_only = ON', 'PRAGMA query_only = OFF'],
    ['has no room', 'PRAGMA max_page_count = 1', 'PRAGMA max_page_count = 1000000'],
  ] as const) {
    test(`GET /readyz is 503 while SQLite ${what}, and 200 soon after without a write`, async (t) => {
      const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
      await signedUp(server)
      const { client } = server.database
      const before = await readyz(server)

      await client.$queryRawUnsafe(on)
      const refused = await fill(server)
      const red = await readyz(server)
      const live = await server.inject({ url: '/livez' })
      await client.$queryRawUnsafe(off)
      await untilReady(server)

      assertProblem(refused, 'unavailable')
      assert.deepEqual([before.statusCode, red.statusCode, live.statusCode], [200, 503, 200])
      assert.deepEqual(red.json().checks.database, {
        status: 'failed',
        detail: 'It does not accept writes; the log says why.',
      })
      await signedUp(server)
      assert.deepEqual(await client.signInFailures.count(), 0)
    })
  }
}

test('a refused write is remembered, and a small one tried until it is taken', async () => {
  const { watch, state } = watched()

  assert.throws(() => watch.note(full), full)
  assert.equal(watch.takesWrites(), false)
  await untilTried(state, 3)
  assert.equal(watch.takesWrites(), false)
  state.isFull = false
  await untilTried(state, state.tries + 1)
  await sleep(EVERY_MS)

  assert.equal(watch.takesWrites(), true)
  const { tries } = state
  await sleep(EVERY_MS * 5)
  assert.equal(state.tries, tries)
  assert.throws(() => watch.note(full), full)
  assert.equal(watch.takesWrites(), false)
  watch.close()
})

test('however many writes are refused, one small one at a time is tried', async () => {
  let tries = 0
  const tryWrite = () => {
    tries += 1
    return new Promise<void>(() => undefined)
  }
  const watch = createWriteWatch({ tryWrite, everyMs: EVERY_MS })

  for (let at = 0; at < 50; at++) assert.throws(() => watch.note(full), full)
  while (tries === 0) await sleep(EVERY_MS)
  await sleep(EVERY_MS * 5)

  assert.equal(tries, 1)
})

test('no other error makes a server unready', () => {
  const { watch } = watched()

  for (const error of [new Error('no'), mysqlError(1062), mysqlError(1213), mysqlError(1205)]) {
    assert.throws(() => watch.note(error), error)
  }

  assert.equal(watch.takesWrites(), true)
})

test('nothing is tried any more once the database is closed', async () => {
  const { watch, state } = watched()

  assert.throws(() => watch.note(full), full)
  watch.close()
  await sleep(EVERY_MS * 5)

  assert.equal(state.tries, 0)
})

function mysqlError(code: number): Error {
  const cause = { kind: 'mysql', code, message: 'no', state: 'HY000' }
  return Object.assign(new Error('no', { cause }), { name: 'DriverAdapterError' })
}

const full = mysqlError(1114)

function watched() {
  const state = { isFull: true, tries: 0 }
  const tryWrite = async () => {
    state.tries += 1
    if (state.isFull) throw full
  }
  return { state, watch: createWriteWatch({ tryWrite, everyMs: EVERY_MS }) }
}

async function untilTried(state: { tries: number }, times: number): Promise<void> {
  for (let turns = 0; state.tries < times; turns += 1) {
    assert.ok(turns < TRIES, `tried ${state.tries} times`)
    await sleep(EVERY_MS)
  }
}

const readyz = (server: TestServer) => server.inject({ url: '/readyz' })

/** Registers people until one is refused. */
async function fill(server: TestServer) {
  for (let i = 0; i < TRIES; i += 1) {
    const username = `filler-${i}`
    const email = `${username}@example.com`
    const payload = { username, email, password: 'correct horse battery' }
    const answer = await server.inject({ method: 'POST', url: '/register', payload })
    if (answer.statusCode !== 201) return answer
  }
  throw new Error('everybody was registered')
}

async function untilReady(server: TestServer): Promise<void> {
  for (let turns = 0; (await readyz(server)).statusCode !== 200; turns += 1) {
    assert.ok(turns < TRIES, 'it stays red')
    await sleep(50)
  }
}
