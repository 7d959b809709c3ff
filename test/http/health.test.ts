import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Checks, createReadiness } from '../../src/features/health/checks.ts'
import { healthRoutes } from '../../src/features/health/routes.ts'
import { createServer } from '../../src/http/app.ts'
import { startServer } from '../support/helper.ts'

/** A server with nothing but health checks; the log goes to `logs`. */
async function server(checks: Checks, logs: string[] = [], stopping?: AbortSignal) {
  const stream = { write: (line: string) => void logs.push(line) }
  const app = createServer({ http: { trustProxy: [] }, log: { level: 'warn', stream } })
  await app.register(healthRoutes, { checks, limitMs: 50, ...(stopping ? { stopping } : {}) })
  return app
}

test('GET /livez answers 200 while the process runs', async () => {
  const app = await server({ database: () => Promise.reject(new Error('away')) })

  const answer = await app.inject({ url: '/livez' })

  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.json(), { status: 'ok' })
})

test('GET /readyz of a whole server names its database and its revocation feed', async (t) => {
  const { inject } = await startServer(t)

  const answer = await inject({ url: '/readyz' })

  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.json(), {
    status: 'ok',
    checks: {
      database: { status: 'ok' },
      uploads: { status: 'ok' },
      revocationFeed: { status: 'ok' },
      mail: { status: 'ok' },
      rateLimits: { status: 'ok' },
    },
  })
})

test('GET /readyz answers 503 once what is known of revocations is more than 5 s old', async (t) => {
  const { inject, services } = await startServer(t)
  let age = 5
  t.mock.method(services.revocations, 'lagSeconds', () => age)

  const inTime = await inject({ url: '/readyz' })
  age = 5.001
  const late = await inject({ url: '/readyz' })

  assert.deepEqual([inTime.statusCode, late.statusCode], [200, 503])
  const { revocationFeed } = late.json().checks
  assert.deepEqual(revocationFeed, { status: 'failed', detail: 'The feed is stale.' })
})

test('a check that says nothing has failed after two seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { ready } = createReadiness({
    checks: { silent: () => new Promise(() => undefined) },
    log: { warn: () => undefined },
  })
  let isOver = false
  const asked = ready().finally(() => {
    isOver = true
  })

  t.mock.timers.tick(1999)
  await new Promise(setImmediate)
  const early = isOver
  t.mock.timers.tick(1)

  assert.equal(early, false)
  const silent = { status: 'failed', detail: 'No answer within 2 s.' }
  assert.deepEqual(await asked, { status: 'failed', checks: { silent } })
})

test('GET /readyz answers 503 with the state of each dependency', async () => {
  const logs: string[] = []
  const checks: Checks = {
    works: async () => ({ status: 'ok' }),
    says: async () => ({ status: 'failed', detail: 'The feed is stale.' }),
    throws: () => Promise.reject(new Error('connect mysql://user:secret@db')),
    hangs: () => new Promise(() => undefined),
  }
  const app = await server(checks, logs)

  const answer = await app.inject({ url: '/readyz' })

  assert.equal(answer.statusCode, 503)
  assert.equal(answer.headers['retry-after'], '2')
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(answer.json(), {
    status: 'failed',
    checks: {
      works: { status: 'ok' },
      says: { status: 'failed', detail: 'The feed is stale.' },
      throws: { status: 'failed', detail: 'The check failed; the log says why.' },
      hangs: { status: 'failed', detail: 'No answer within 0.05 s.' },
    },
  })
  assert.deepEqual(
    logs.map((line) => JSON.parse(line)).map(({ check, msg }) => ({ check, msg })),
    [{ check: 'throws', msg: 'readiness check failed' }],
  )
})

test('GET /readyz answers 200 for a server that works with less than it should have', async () => {
  const less = { status: 'degraded', detail: 'Redis is away.' } as const
  const checks: Checks = { database: async () => ({ status: 'ok' }), rateLimits: async () => less }
  const app = await server(checks)
  const failing = await server({ ...checks, database: async () => ({ status: 'failed' }) })

  const [answer, failed] = [await app.inject('/readyz'), await failing.inject('/readyz')]

  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.json(), {
    status: 'degraded',
    checks: { database: { status: 'ok' }, rateLimits: less },
  })
  assert.deepEqual([failed.statusCode, failed.json().status], [503, 'failed'])
})

test('GET /readyz asks once for many who ask at the same time, and again later', async () => {
  let asked = 0
  const app = await server({
    database: async () => {
      asked += 1
      return { status: 'ok' }
    },
  })
  await app.ready()

  const answers = await Promise.all(Array.from({ length: 20 }, () => app.inject('/readyz')))
  const together = asked
  await app.inject('/readyz')

  assert.ok(answers.every(({ statusCode }) => statusCode === 200))
  assert.ok(together < 20)
  assert.equal(asked, together + 1)
})

test('GET /readyz is 503 from the first moment of a stop, also for clients that asked before', async () => {
  const stop = new AbortController()
  let asked = 0
  let answerDatabase: (state: { status: 'ok' }) => void = () => undefined
  const checks: Checks = {
    database: () => {
      asked += 1
      return new Promise((resolve) => {
        answerDatabase = resolve
      })
    },
  }
  const app = await server(checks, [], stop.signal)
  const early = app.inject('/readyz')
  await new Promise(setImmediate)

  stop.abort()
  const late = await app.inject('/readyz')
  answerDatabase({ status: 'ok' })

  for (const answer of [await early, late, await app.inject('/readyz')]) {
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(answer.json(), {
      status: 'failed',
      checks: { server: { status: 'failed', detail: 'The server is stopping.' } },
    })
  }
  assert.equal(asked, 1)
  assert.equal((await app.inject('/livez')).statusCode, 200)
})
