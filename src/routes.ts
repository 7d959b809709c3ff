import cookie from '@fastify/cookie'
import type { Config } from './config/config.ts'
import { errorTable } from './error-table.ts'
import type { Opened } from './features/feature.ts'
import { describeRoutes } from './features/openapi/routes.ts'
import type { App } from './http/app.ts'
import { answerPreflights } from './http/headers/cors.ts'
import { hidePaths, type IsHidden } from './http/hooks/hidden-paths.ts'
import { measureRequests } from './http/hooks/metrics.ts'
import { limitRequests } from './http/hooks/rate-limits.ts'
import type { Metrics } from './platform/metrics.ts'
import { rateLimitTable } from './rate-limits.ts'
import type { Services } from './services.ts'

type Dependencies = {
  config: Config
  services: Pick<Services, 'guard' | 'rateLimits'>
  /** In the order of the reference. */
  features: readonly Opened[]
  /** Undefined while metrics are off. */
  metrics: Metrics | undefined
  /** Undefined while nothing is hidden. */
  isHidden: IsHidden | undefined
}

/** What the reference reads; the limit is its example of one. */
const { login } = rateLimitTable
const tables = { errors: errorTable, rateLimits: { login } }

/** Registers the hooks of every request, then the routes of the features. */
export async function registerRoutes(app: App, needs: Dependencies): Promise<void> {
  const { config, features, metrics, isHidden } = needs
  const { guard, rateLimits } = needs.services
  const { href: publicUrl } = config.http.publicUrl
  const served = features.filter(({ isOn }) => isOn)

  if (config.rateLimits) limitRequests(app, rateLimits)
  answerPreflights(app)
  if (isHidden) hidePaths(app, isHidden)
  if (metrics) measureRequests(app, metrics)
  await guard.install(app)
  if (config.docs) {
    const tags = served.flatMap(({ tag }) => (tag ? [tag] : []))
    await describeRoutes(app, { publicUrl, tags, ...tables })
  }

  await app.register(async (scope: App) => {
    await scope.register(cookie)
    for (const { cookieRoutes } of served) await cookieRoutes?.(scope)
  })
  for (const { routes } of served) await routes?.(app)
}
