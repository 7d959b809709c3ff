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
  app.addHook('onRequest', async (request) => {
    if (request.method === 'OPTIONS') await spendOn(request, budgets)
  })
}

/**
 * Counts every other request, with a route or without, against the network that it comes from. Call
 * after CORS is registered, so that a frontend can read the refusal, and before all that costs.
 */
export function limitRequests(app: FastifyInstance, budgets: Limits): void {
  app.addHook('onRequest', async (request) => {
    if (request.method !== 'OPTIONS') await spendOn(request, budgets)
  })
}

async function spendOn({ ip, routeOptions }: FastifyRequest, budgets: Limits): Promise<void> {
  if (routeOptions.config?.unlimited !== true) await budgets.spend('address', networkOf(ip))
}
