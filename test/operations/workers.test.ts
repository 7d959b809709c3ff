// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { hashesAtOnce } from '../../src/platform/passwords/hash-queue.ts'
import { type Opened, PASSWORD } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/helper.ts'
import { launch, startProcess } from '../support/process.ts'
import { aWayToEach, openWay, registered, until, type Way } from '../support/ways.ts'

const TWO = { WORKERS: '2', LOG_LEVEL: 'info' }
const ROUNDS = 5

test('Two workers are one server', async (t) => {
  const port = String(await freePort())
  const env = { ...TWO, RATE_LIMITS: 'on', METRICS: 'on', METRICS_PORT: port }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const ways = await aWayToEach(t, server)
  const [one, other] = ways

  await t.test('of which one line speaks', () => {
    assert.equal(server.output().match(/listens on/g)?.length, 1)
  })

  await t.test('where a logout on one holds on the other at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { access_token: token } = await registered(one)
      assert.equal((await other.ask('GET', '/verify', { token })).status, 200)

      await one.ask('POST', '/logout', { token })
      const verified = await other.ask('GET', '/verify', { token })

      assert.equal((verified.body as { code: string }).code, 'session_ended')
    }
  })

  await t.test(
    'where a change of password on one kills the older tokens on the other at once',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { access_token: token } = await registered(one)
        assert.equal((await other.ask('GET', '/verify', { token })).status, 200)

        const body = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' }
        const changed = await one.ask('PUT', '/password', { token, body })
        const older = await other.ask('GET', '/verify', { token })
        const { access_token: fresh } = changed.body as Opened

        assert.equal((older.body as { code: string }).code, 'token_expired')
        assert.equal((await other.ask('GET', '/verify', { token: fresh })).status, 200)
      }
    },
  )

  await t.test('where both count a budget together', async () => {
    assert.deepEqual(await refreshInTurns(ways, 122), { 200: 120, 429: 2 })
  })

  await t.test('whose figures are those of both', async () => {
    const figures = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const before = livezCount(await figures())

    for (const way of [one, one, other]) await way.ask('GET', '/livez')
    const text = await figures()

    assert.equal(livezCount(text) - before, 3)
    assert.match(text, /^latchkey_revocation_feed_lag_seconds \d/m)
  })
})

test('A killed worker is replaced, and nobody notices but its own clients', async (t) => {
  const server = await startProcess(t, { url: await freshDatabase(t), env: TWO })
  const [one, other] = await aWayToEach(t, server)
  const { access_token: token } = await registered(one)

  process.kill(other.pid, 'SIGKILL')
  const replacement = await until(async () => {
    assert.equal((await one.ask('GET', '/me', { token })).status, 200)
    const way = await openWay(t, server).catch(() => undefined)
    return way && ![one.pid, other.pid].includes(way.pid) ? way : undefined
  })

  assert.equal((await replacement.ask('GET', '/me', { token })).status, 200)
  assert.match(server.output(), /"signal":"SIGKILL".*a worker exited; another one/)
})

const SLOW = { ARGON2_MEMORY_KIB: '65536', ARGON2_TIME: '5', LOG_LEVEL: 'info' }

test('after SIGTERM the server and its workers answer running requests, and exit with 0', async (t) => {
  const env = { ...TWO, ...SLOW }
  const server = await startProcess(t, { url: await freshDatabase(t), env })
  const ways = await aWayToEach(t, server)

  const underWay = await Promise.all(ways.map(registering))
  for (const { pid } of ways) process.kill(pid, 'SIGTERM')
  const code = await server.stop('SIGTERM')

  await Promise.all(underWay.map(({ done }) => done))
  assert.equal(code, 0, server.output())
  for (const { pid } of ways) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('SIGTERM to a server without workers does the same', async (t) => {
  const server = await startProcess(t, { url: await freshDatabase(t), env: SLOW })
  const way = await openWay(t, server)

  const underWay = await registering(way)
  const code = await server.stop('SIGTERM')

  await underWay.done
  assert.equal(code, 0, server.output())
})

test('A start on a taken port ends with 1 and says so', async (t) => {
  const url = await freshDatabase(t)
  const { base } = await startProcess(t, { url })
  const env = { ...TWO, PORT: new URL(base).port }

  await assert.rejects(launch({ url, env }), ({ message }: Error) => {
    assert.match(message, /ended with 1 before it listened/)
    assert.match(message, /Latchkey cannot start\. HOST, PORT: .*EADDRINUSE.*; try PORT=3001/)
    assert.equal(message.match(/cannot start/g)?.length, 1)
    return true
  })
})

test('A start on a taken port for figures ends with 1 and says so', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.after(() => holder.close())
  const { port } = holder.address() as AddressInfo
  const env = { ...TWO, METRICS: 'on', METRICS_PORT: String(port) }

  await assert.rejects(launch({ url: await freshDatabase(t), env }), ({ message }: Error) => {
    assert.match(message, /ended with 1 before it listened/)
    assert.match(message, /Latchkey cannot start\. METRICS_HOST, METRICS_PORT: .*EADDRINUSE/)
    return true
  })
})

test('Workers share cores and memory for hashes, and each may make one', () => {
  const cost = { memoryKib: 65_536, parallelism: 1 }
  const atOnce = (processes: number, cores: number) =>
    hashesAtOnce(cost, { cores, poolThreads: 10, processes })

  assert.deepEqual([atOnce(1, 8), atOnce(2, 8), atOnce(2, 2), atOnce(64, 8)], [4, 2, 1, 1])
})

/** A registration that the server has begun with. */
async function registering(way: Way): Promise<{ done: Promise<Opened> }> {
  return new Promise((resolve) => {
    const done: Promise<Opened> = registered(way, () => resolve({ done }))
  })
}

/**
 * One chain of refreshes, each sent to the next one of two workers. @returns how often each status
 * came
 */
async function refreshInTurns(ways: [Way, Way], times: number): Promise<Record<number, number>> {
  const seen: Record<number, number> = {}
  let held = await registered(ways[0])
  for (let count = 0; count < times; count++) {
    const body = { refresh_token: held.refresh_token }
    const answer = await ways[count % 2 === 0 ? 0 : 1].ask('POST', '/refresh', { body })
    if (answer.status === 200) held = answer.body as Opened
    seen[answer.status] = (seen[answer.status] ?? 0) + 1
  }
  return seen
}

function livezCount(text: string): number {
  const line = /^http_request_duration_seconds_count\{.*route="\/livez".*\} (\d+)$/m.exec(text)
  return Number(line?.[1] ?? 0)
}
