import { defineFeature } from '../feature.ts'
import type { Checks } from './checks.ts'
import { healthRoutes } from './routes.ts'

export const healthFeature = defineFeature({
  name: 'health',
  tag: {
    name: 'Service',
    description: 'The server itself: health, the client module and this reference.',
  },
  open: ({ database, rateLimits, opened, stopping }) => {
    const working: Checks[string] = async () => {
      await database.ping()
      if (database.takesWrites()) return { status: 'ok' }
      return { status: 'failed', detail: 'It does not accept writes; the log says why.' }
    }
    const counting: Checks[string] = async () => {
      if (await rateLimits.isHealthy()) return { status: 'ok' }
      return {
        status: 'degraded',
        detail: 'Redis is not available; this server counts on its own.',
      }
    }
    const ofFeatures = () => opened.toReversed().map((feature) => feature.checks)
    const all = (): Checks =>
      Object.assign({ database: working }, ...ofFeatures(), { rateLimits: counting })
    return { routes: (app) => app.register(healthRoutes, { checks: all(), stopping }) }
  },
})
