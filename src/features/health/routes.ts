import { Type } from 'typebox'
import { closed, oneOf, problems } from '../../http/schemas.ts'
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

const status = oneOf(['ok', 'degraded', 'failed'])
const Live = closed({ status: oneOf(['ok']) })
const Ready = Type.Unsafe<Readiness>(
  closed({
    status,
    checks: Type.Object(
      {},
      { additionalProperties: closed({ status, detail: Type.Optional(Type.String()) }) },
    ),
  }),
)

const METRICS_TYPE = 'text/plain;version=0.0.4;charset=utf-8'

const live = {
  config: { unlimited: true },
  schema: {
    operationId: 'getLive',
    summary: 'Whether the process answers',
    tags: ['Service'],
    response: { 200: Live },
  },
}

const ready = {
  config: { unlimited: true },
  schema: {
    operationId: 'getReady',
    summary: 'Whether the server can do its work, each dependency named',
    tags: ['Service'],
    response: { 200: Ready, 503: Ready },
  },
}

const figures = {
  config: { unlimited: true, produces: [METRICS_TYPE] },
  schema: {
    operationId: 'getMetrics',
    summary: 'Figures for Prometheus, where METRICS is on',
    tags: ['Service'],
    response: {
      200: {
        description: 'Prometheus text.',
        content: { 'text/plain': { schema: Type.String() } },
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
