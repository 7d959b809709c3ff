import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Budgets } from '../platform/budgets.ts'
import { networkOf } from '../platform/network.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route costs nothing of the budget of its caller's network. */
    unlimited?: boolean
  }
}

type Limits = Pick<Budgets, 'spend'>

/** Counts the preflights of browsers, which CORS answers. Call before it is registered. */
export function limitPreflights(app: FastifyInstance, budgets: Limits): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isCounted =
      request.method === 'OPTIONS' && request.routeOptions.config?.unlimited !== true
    if (isCounted) count(request, budgets, done)
    else done()
  })
}

/**
 * Counts every other request, with a route or without, against the network that it comes from. Call
 * after CORS is registered, so that a frontend can read the refusal, and before all that costs.
 */
export function limitRequests(app: FastifyInstance, budgets: Limits): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isCounted =
      request.method !== 'OPTIONS' && request.routeOptions.config?.unlimited !== true
    if (isCounted) count(request, budgets, done)
    else done()
  })
}

function count({ ip }: FastifyRequest, budgets: Limits, done: (error?: Error) => void): void {
  budgets.spend('address', networkOf(ip)).then(() => done(), done)
}
