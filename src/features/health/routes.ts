import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Checks, createReadiness } from './checks.ts'
import { getLiveSchema, getReadySchema, type Readiness, stoppingState } from './schemas.ts'

type Options = {
  /** What the server depends on, by name; each says whether it works. */
  checks: Checks
  /** Aborted from the first moment of a stop. */
  stopping?: AbortSignal
  /** Timeout of one check, in milliseconds; 2 s by default. */
  limitMs?: number
}

/** Probes come every few seconds, and no trace of them is of use. */
const config = { unlimited: true, otel: false }

/**
 * What load balancers and orchestrators ask. A 503 of `/readyz` is not an error of the request, so
 * it has the body of a 200. Degraded is 200: what all servers lack must not take all of them out of
 * service.
 */
export const healthRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { stopping, ...readinessOptions } = options
  const readiness = createReadiness({ ...readinessOptions, log: app.log })

  app.get('/livez', { config, schema: getLiveSchema }, async () => ({ status: 'ok' as const }))

  app.get('/readyz', { config, schema: getReadySchema }, async (_request, reply) => {
    const state = await currentState()
    if (state.status === 'failed') reply.code(503).header('retry-after', '2')
    return state
  })

  /** A stop may begin while the checks run. */
  async function currentState(): Promise<Readiness> {
    if (stopping?.aborted) return stoppingState
    const found = await readiness.ready()
    return stopping?.aborted ? stoppingState : found
  }
}
