import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../../platform/metrics.ts'

export function measureRequests(app: FastifyInstance, metrics: Pick<Metrics, 'observe'>): void {
  app.addHook('onResponse', (request, reply, done) => {
    metrics.observe({
      method: request.is404 ? 'other' : request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
    done()
  })
}
