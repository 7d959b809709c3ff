import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Checks } from '../src/features/health/checks.ts'
import { healthRoutes } from '../src/features/health/routes.ts'
import { createServer } from '../src/http/server.ts'
import { startServer } from './helper.ts'
import { assertProblem } from './problems.ts'

/** A server with nothing but health checks; the log goes to `logs`. */
async function server(checks: Checks, logs: string[] = []) {
  const stream = { write: (line: string) => void logs.push(line) }
  const app = createServer({ http: { trustProxy: [] }, log: { level: 'warn', stream } })
  await app.register(healthRoutes, { checks, limitMs: 50 })
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
      rateLimits: { status: 'ok' },
    },
  })
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

test('GET /metrics answers 404 while metrics are switched off', async (t) => {
  const { inject } = await startServer(t)

  assertProblem(await inject({ url: '/metrics' }), 'not_found', {
    detail: 'Metrics are switched off.',
  })
})

test('GET /metrics counts requests by route and says how old the feed is', async (t) => {
  const { inject } = await startServer(t, { env: { METRICS: 'on' } })
  await inject({ url: '/livez' })
  await inject({ url: '/problems/not_found' })
  await inject({ method: 'PROPFIND' as 'POST', url: '/secret-path' })

  const answer = await inject({ url: '/metrics' })

  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const counts = answer.body.match(/^http_request_duration_seconds_count.*$/gm)
  const name = 'http_request_duration_seconds_count'
  assert.deepEqual(counts, [
    `${name}{method="GET",route="/livez",status="200"} 1`,
    `${name}{method="GET",route="/problems/:code",status="200"} 1`,
    `${name}{method="other",route="none",status="404"} 1`,
  ])
  assert.match(answer.body, /^latchkey_revocation_feed_lag_seconds \d+(\.\d+)?$/m)
  assert.match(answer.body, /^process_resident_memory_bytes \d+$/m)
  assert.doesNotMatch(answer.body, /secret-path/)
})

test('GET /metrics answers a scraper that asks for its own format', async (t) => {
  const { inject } = await startServer(t, { env: { METRICS: 'on' } })
  const ask = (accept: string) => inject({ url: '/metrics', headers: { accept } })

  const prometheus =
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  assert.equal((await ask(prometheus)).statusCode, 200)
  assert.equal((await ask('text/plain;version=0.0.4')).statusCode, 200)
  assert.equal((await ask('text/html')).statusCode, 406)
})

test('two servers with metrics in one process keep their figures apart', async (t) => {
  const one = await startServer(t, { env: { METRICS: 'on' } })
  const other = await startServer(t, { env: { METRICS: 'on' } })
  await one.inject({ url: '/livez' })

  const { body } = await other.inject({ url: '/metrics' })

  assert.doesNotMatch(body, /route="\/livez"/)
})
