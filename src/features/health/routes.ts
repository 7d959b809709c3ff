import { Type } from 'typebox'
import { answer, closed, oneOf, problems } from '../../http/schemas.ts'
import type { App } from '../../http/server.ts'
import { NotFound } from '../../platform/error-table.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { type Checks, createReadiness, type Readiness } from './checks.ts'

type Options = {
  /** What the server depends on, by name; each says whether it works. */
  checks: Checks
  /** Undefined while metrics are switched off. */
  metrics?: Pick<Metrics, 'text' | 'contentType'> | undefined
  /** Longest wait for one check, in milliseconds; 2 s by default. */
  limitMs?: number
}

const status = oneOf(['ok', 'degraded', 'failed'], {
  description: '`degraded`: it works, with less than it should have.',
  example: 'ok',
})
const Live = closed(
  { status: oneOf(['ok'], { description: 'The process answers.', example: 'ok' }) },
  { title: 'Liveness' },
)
const checkResult = closed(
  {
    status,
    detail: Type.Optional(Type.String({ description: 'What is wrong, for operators.' })),
  },
  { title: 'CheckResult', description: 'Whether one dependency works.' },
)
const allWell = {
  database: { status: 'ok' },
  uploads: { status: 'ok' },
  revocationFeed: { status: 'ok' },
  rateLimits: { status: 'ok' },
}
const Ready = Type.Unsafe<Readiness>(
  closed(
    {
      status,
      checks: Type.Object(
        {},
        {
          additionalProperties: checkResult,
          description: 'Each dependency by name.',
          example: allWell,
        },
      ),
    },
    { title: 'Readiness', description: 'The worst of all checks, and each of them.' },
  ),
)

const METRICS_TYPE = 'text/plain;version=0.0.4;charset=utf-8'

const SAMPLE = `# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_count{method="POST",route="/login",status="200"} 42
# TYPE latchkey_revocation_feed_lag_seconds gauge
latchkey_revocation_feed_lag_seconds 0.4
`

const live = {
  config: { unlimited: true },
  schema: {
    operationId: 'getLive',
    summary: 'Whether the process answers',
    description:
      'Looks at nothing but the process itself. An orchestrator restarts a server that does not answer.',
    tags: ['Service'],
    'x-memory-only': true,
    response: { 200: answer(Live, 'The process answers.') },
  },
}

const failed = {
  status: 'failed',
  checks: { ...allWell, database: { status: 'failed', detail: 'No answer within 2 s.' } },
}

const ready = {
  config: { unlimited: true },
  schema: {
    operationId: 'getReady',
    summary: 'Whether the server can do its work, each dependency named',
    description:
      'Asks the database and everything else that requests need. A load balancer sends requests to a server that answers 200; `degraded` is 200, too. A 503 has the same body, and says which dependency has failed.',
    tags: ['Service'],
    'x-memory-only': true,
    'x-examples': { 503: { failed: { summary: 'The database is away', set: failed } } },
    response: {
      200: answer(Ready, 'The server can do its work.'),
      503: answer(Ready, 'A dependency has failed.'),
    },
  },
}

const figures = {
  config: { unlimited: true, produces: [METRICS_TYPE] },
  schema: {
    operationId: 'getMetrics',
    summary: 'Figures for Prometheus, where METRICS is on',
    description:
      'Counts and durations of requests and figures of the process, in the text format of Prometheus. 404 unless the setting `METRICS` is on.',
    tags: ['Service'],
    'x-memory-only': true,
    response: {
      200: {
        description: 'Prometheus text.',
        content: { 'text/plain': { schema: Type.String({ example: SAMPLE }) } },
      },
      ...problems('not_found'),
    },
  },
}

/**
 * What load balancers, orchestrators and Prometheus ask. A 503 of `/readyz` has the same body as its
 * 200, since whoever asks wants to know which dependency is away; it is no problem of the request.
 * Degraded is 200: what all servers lack must not take all of them out of a load balancer.
 */
export async function healthRoutes(app: App, { metrics, ...options }: Options): Promise<void> {
  const readiness = createReadiness({ ...options, log: app.log })

  app.get('/livez', live, async () => ({ status: 'ok' as const }))

  app.get('/readyz', ready, async (_request, reply) => {
    const state = await readiness.ready()
    if (state.status === 'failed') reply.code(503).header('retry-after', '2')
    return state
  })

  app.get('/metrics', figures, async (_request, reply) => {
    if (metrics === undefined) throw NotFound({ detail: 'Metrics are switched off.' })
    return reply.type(metrics.contentType).send(await metrics.text())
  })
}
