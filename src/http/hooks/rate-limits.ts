import type { FastifyInstance } from 'fastify'
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

/** Counts requests by network. Call before preflights are answered: they count, too. */
export function limitRequests(app: FastifyInstance, rateLimits: Limits): void {
  app.addHook('onRequest', ({ ip, routeOptions }, _reply, done) => {
    if (routeOptions.config?.unlimited === true) return done()
    rateLimits.consume('address', networkOf(ip)).then(() => done(), done)
  })
}
