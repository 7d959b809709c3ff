import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { type DatabaseProxy, startProxy } from '../support/proxy.ts'
import { asService, throwawayDatabase } from '../support/throwaway-database.ts'

/** What is promised, and how long a test waits before it gives up. */
const PROMISED_MS = 5000
const GIVE_UP_MS = 15_000

if (isMysql) {
  describe('A failover of MySQL', () => {
    it('from a server that turns read-only to another one is found without a restart or traffic', async (t) => {
      const { server, writer, other, proxy } = await twoServers(t)

      await writer.run('SET GLOBAL read_only = 1')
      // All connections of the pool know the old server.
      const refused = await Promise.all(Array.from({ length: 12 }, () => register(server)))
      for (const answer of refused) assertProblem(answer, 'unavailable')
      await until(server, 503)
      assert.equal((await readyz(server)).json().checks.database.status, 'failed')
      proxy.leadTo(asService(other.url))

      assert.ok((await until(server, 200)) < PROMISED_MS)
      const taken = await Promise.all(Array.from({ length: 12 }, () => register(server)))
      const outcomes = taken.map((answer) => answer.json().code ?? answer.statusCode)
      assert.deepEqual(new Set(outcomes), new Set([201]))
      const [row] = await other.run('SELECT COUNT(*) AS n FROM `User`')
      assert.equal(Number(row?.n), taken.length + 1)
    })

    it('that ends as it began, with the same server, ends as soon', async (t) => {
      const { server, writer } = await oneServer(t)

      await writer.run('SET GLOBAL read_only = 1')
      assertProblem(await register(server), 'unavailable')
      assert.equal((await readyz(server)).statusCode, 503)
      await sleep(1500)
      assert.equal((await readyz(server)).statusCode, 503)
      assert.equal((await server.inject({ url: '/livez' })).statusCode, 200)
      await writer.run('SET GLOBAL read_only = 0')

      assert.ok((await until(server, 200)) < PROMISED_MS)
      assert.equal((await register(server)).statusCode, 201)
    })

    it('that kills every connection costs no more than the requests on them', async (t) => {
      const { server, writer } = await oneServer(t)
      await Promise.all(Array.from({ length: 12 }, () => register(server)))

      const rows = await writer.run(
        "SELECT id FROM information_schema.processlist WHERE user = 'service'",
      )
      for (const { id } of rows) await writer.run(`KILL ${id}`)

      const answers = await Promise.all(Array.from({ length: 12 }, () => register(server)))
      const codes = new Set(answers.map(({ statusCode }) => statusCode))
      assert.ok(
        [...codes].every((code) => code === 201 || code === 503),
        [...codes].join(),
      )
      assert.ok((await untilRegistered(server)) < PROMISED_MS)
    })

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      it(`by ${signal} of the server and a start elsewhere ends by itself`, async (t) => {
        const { server, writer, proxy } = await oneServer(t)

        await writer.stop(signal)
        assertProblem(await register(server), 'unavailable')
        assert.equal((await readyz(server)).statusCode, 503)
        const again = await throwawayDatabase(t, { folder: writer.folder })
        proxy.leadTo(asService(again.url))

        assert.ok((await until(server, 200)) < PROMISED_MS)
        assert.equal((await register(server)).statusCode, 201)
      })
    }
  })

  describe('A silent database', () => {
    for (const how of ['a stopped process', 'a network that swallows everything'] as const) {
      it(`(${how}) costs each request less than 2 s, and later ones next to nothing`, async (t) => {
        const { server, writer, proxy } = await oneServer(t)
        await Promise.all(Array.from({ length: 12 }, () => register(server)))
        const isStopped = how === 'a stopped process'
        const silence = isStopped ? () => process.kill(writer.pid, 'SIGSTOP') : proxy.freeze
        const sound = isStopped ? () => process.kill(writer.pid, 'SIGCONT') : proxy.heal

        silence()
        const first = await Promise.all(Array.from({ length: 25 }, () => timed(server)))
        const later = await Promise.all(Array.from({ length: 25 }, () => timed(server)))
        await sound()

        const slowest = (all: { ms: number }[]) => Math.max(...all.map(({ ms }) => ms))
        t.diagnostic(`the slowest 503: ${slowest(first)} ms, later ones ${slowest(later)} ms`)
        for (const { answer } of [...first, ...later]) assertProblem(answer, 'unavailable')
        assert.ok(slowest(first) < 2000)
        assert.ok(slowest(later) * 2 < slowest(first))
        assert.ok((await until(server, 200)) < PROMISED_MS)
        assert.equal((await register(server)).statusCode, 201)
      })
    }

    it('is not one that takes its time for a statement', async (t) => {
      const { server } = await oneServer(t)
      const { client } = server.database

      const slow = await client.$queryRaw<{ slept: unknown }[]>`SELECT SLEEP(3) AS slept`

      assert.equal(Number(slow[0]?.slept), 0)
    })

    it('is not one that has no room for another connection', async (t) => {
      const { server, writer } = await oneServer(t)
      const { client } = server.database

      const slow = Array.from({ length: 10 }, () => client.$queryRaw`SELECT SLEEP(3)`)
      await sleep(1000)
      await writer.run('SET GLOBAL max_connections = 10')
      const waiting = client.user.count()

      await Promise.all(slow)
      assert.equal(await waiting, 0)
    })
  })
}

/** A server behind a proxy before a database of its own; somebody has an account. */
async function oneServer(t: TestContext) {
  const writer = await throwawayDatabase(t)
  return { writer, ...(await serverBefore(t, writer.url)) }
}

/** The same, with a second database server that has the same data. */
async function twoServers(t: TestContext) {
  const first = await throwawayDatabase(t)
  const preparing = await startServer(t, { url: asService(first.url) })
  await signedUp(preparing)
  await preparing.close()
  await first.stop()
  const [writer, other] = await Promise.all([
    throwawayDatabase(t, { folder: first.folder }),
    throwawayDatabase(t, { folder: first.folder, isCopy: true }),
  ])
  return { writer, other, ...(await serverBefore(t, writer.url)) }
}

async function serverBefore(t: TestContext, url: string) {
  const proxy: DatabaseProxy = await startProxy(asService(url))
  t.after(proxy.cut)
  const server = await startServer(t, { url: proxy.url, env: { RATE_LIMITS: 'off' } })
  return { proxy, server }
}

let people = 0

function register(server: TestServer) {
  people += 1
  const username = `person-${people}`
  return server.inject({
    method: 'POST',
    url: '/register',
    payload: { username, email: `${username}@example.com`, password: 'correct horse battery' },
  })
}

const readyz = (server: TestServer) => server.inject({ url: '/readyz' })

async function timed(server: TestServer) {
  const from = performance.now()
  const answer = await register(server)
  return { answer, ms: Math.round(performance.now() - from) }
}

/** How long `/readyz` takes to answer so, in milliseconds. */
function until(server: TestServer, status: 200 | 503): Promise<number> {
  return untilTrue(async () => (await readyz(server)).statusCode === status)
}

const untilRegistered = (server: TestServer) =>
  untilTrue(async () => (await register(server)).statusCode === 201)

async function untilTrue(isTrue: () => Promise<boolean>): Promise<number> {
  const from = performance.now()
  for (;;) {
    if (await isTrue()) return Math.round(performance.now() - from)
    assert.ok(performance.now() - from < GIVE_UP_MS, 'it takes too long')
    await sleep(50)
  }
}
