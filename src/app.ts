import cookie from '@fastify/cookie'
import type { Config } from './config.ts'
import type { Browsers } from './config-browsers.ts'
import { accountRoutes, registrationRoutes } from './features/accounts/routes.ts'
import { clientRoutes } from './features/client/routes.ts'
import type { Checks } from './features/health/checks.ts'
import { healthRoutes } from './features/health/routes.ts'
import { houseListRoutes } from './features/houses/list-routes.ts'
import { houseRoutes } from './features/houses/routes.ts'
import { keyRoutes } from './features/keys/routes.ts'
import { passwordRoutes } from './features/password/routes.ts'
import { photoRoutes, photoUploadRoutes } from './features/photos/routes.ts'
import { problemRoutes } from './features/problems/routes.ts'
import { describeRoutes } from './features/reference/routes.ts'
import { sessionRoutes } from './features/sessions/routes.ts'
import { refreshRoutes, signInRoutes } from './features/sessions/sign-in-routes.ts'
import { signOutRoutes } from './features/sessions/sign-out-routes.ts'
import { verifyRoutes } from './features/sessions/verify-routes.ts'
import { answerPreflights } from './http/cors.ts'
import { measureRequests } from './http/measure.ts'
import { limitPreflights, limitRequests } from './http/rate-limits.ts'
import type { App } from './http/server.ts'
import type { OpenDatabase } from './platform/database.ts'
import type { FileStorage } from './platform/file-storage.ts'
import { createMetrics } from './platform/metrics.ts'
import type { Siblings } from './platform/siblings.ts'
import type { Services } from './services.ts'

type Needs = {
  config: Config
  services: Services
  browsers: Browsers
  database: OpenDatabase
  files: FileStorage
  siblings: Siblings | undefined
}

/** How old what is known of other servers' revocations may be before this one is not ready. */
const FEED_LAG_LIMIT_SECONDS = 5

/** The table of contents: third-party plugins, then every feature by name. */
export async function registerFeatures(app: App, needs: Needs): Promise<void> {
  const { config, services, browsers, siblings } = needs
  const { accounts, credentials, knownDevices, sessions, tokens, guard, keys } = services
  const { password, revocations } = services
  const { houses, houseList, cursors, photos, photoCleaner, budgets } = services
  const { publicUrl, basePath } = config.http
  const metrics = config.metrics
    ? await createMetrics({ revocationFeedLag: revocations.lagSeconds, siblings })
    : undefined

  if (config.rateLimits) limitPreflights(app, budgets)
  answerPreflights(app)
  if (config.rateLimits) limitRequests(app, budgets)
  if (metrics) measureRequests(app, metrics)
  await guard.install(app)
  await describeRoutes(app, { publicUrl, basePath })

  // The only routes that read or set cookies: the others do without the hooks for it.
  await app.register(async (scope: App) => {
    await scope.register(cookie)
    await scope.register(registrationRoutes, {
      ...{ accounts, sessions, knownDevices, budgets, browsers },
    })
    await scope.register(accountRoutes, {
      ...{ accounts, credentials, sessions, houses, photoCleaner, guard, browsers },
    })
    await scope.register(signInRoutes, { credentials, sessions, browsers })
    await scope.register(refreshRoutes, { sessions, tokens, browsers })
    await scope.register(signOutRoutes, { sessions, tokens, guard, browsers })
    await scope.register(passwordRoutes, {
      ...{ password, sessions, knownDevices, guard, browsers },
    })
  })
  await app.register(verifyRoutes, { guard })
  await app.register(sessionRoutes, { sessions, guard })
  await app.register(houseRoutes, { houses, photoCleaner, guard })
  await app.register(houseListRoutes, { houseList, cursors, guard, publicUrl })
  await app.register(photoUploadRoutes, { photos, houses, budgets, guard, basePath })
  await app.register(photoRoutes, { photos, guard, basePath })
  await app.register(keyRoutes, { keys, issuer: publicUrl })
  await app.register(problemRoutes, { basePath })
  await app.register(clientRoutes)
  await app.register(healthRoutes, { checks: readinessChecks(needs), metrics })
}

function readinessChecks({ database, files, services }: Needs): Checks {
  const { revocations, budgets } = services
  return {
    database: async () => {
      await database.ping()
      return { status: 'ok' }
    },
    uploads: async () => {
      await files.check()
      return { status: 'ok' }
    },
    revocationFeed: async () => {
      const isFresh = revocations.lagSeconds() <= FEED_LAG_LIMIT_SECONDS
      return isFresh ? { status: 'ok' } : { status: 'failed', detail: 'The feed is stale.' }
    },
    rateLimits: async () => {
      if (await budgets.areWhole()) return { status: 'ok' }
      return { status: 'degraded', detail: 'Redis is away; this server counts by itself.' }
    },
  }
}
