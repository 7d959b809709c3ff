import type { FastifyInstance, FastifyRequest } from 'fastify'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits, RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route does not count against the network of its caller. */
    unlimited?: boolean
  }
}

/** Requests of any kind from one network. */
export const requestLimits = {
  address: { limit: 6000, seconds: 60, what: ({ limits }) => limits.address },
} as const satisfies RateLimitTable

type Limits = Pick<RateLimits<'address'>, 'consume'>

/** Counts preflights, which CORS answers. Call before it is registered. */
export function limitPreflights(app: FastifyInstance, rateLimits: Limits): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isCounted =
      request.method === 'OPTIONS' && request.routeOptions.config?.unlimited !== true
    if (isCounted) count(request, rateLimits, done)
    else done()
  })
}

/** Counts other requests by network. Call after CORS, so that a frontend can read the error. */
export function limitRequests(app: FastifyInstance, rateLimits: Limits): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isCounted =
      request.method !== 'OPTIONS' && request.routeOptions.config?.unlimited !== true
    if (isCounted) count(request, rateLimits, done)
    else done()
  })
}

function count({ ip }: FastifyRequest, rateLimits: Limits, done: (error?: Error) => void): void {
  rateLimits.consume('address', networkOf(ip)).then(() => done(), done)
}
