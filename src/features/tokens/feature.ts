import { defineFeature } from '../feature.ts'
import { keysFeature } from '../keys/feature.ts'
import { createGuard } from './guard.ts'
import { createRevocations, FEED_INTERVAL_MS } from './revocations.ts'
import { verifyRoutes } from './routes.ts'
import { createTokens } from './service.ts'

/** Age of the revocation feed at which the server is no longer ready. */
const FEED_LAG_LIMIT_SECONDS = 5

import { tokenLimits } from './rate-limits.ts'

export const tokensFeature = defineFeature({
  name: 'tokens',
  needs: [keysFeature],
  rateLimits: tokenLimits,
  open: ({ config, statements, clock, secrets, clusterWorker, rateLimits, keys }) => {
    const { lifetimes } = config
    const { accessSeconds } = lifetimes
    const issuer = config.http.publicUrl.href
    const { publicPem, lookFor, retiredKey } = keys
    const tokens = createTokens({ clock, secrets, signingKey: keys.current, issuer, accessSeconds })
    const revocations = createRevocations({ statements, clock, accessSeconds, clusterWorker })
    const guard = createGuard({
      ...{ clock, revocations, publicPem, lookFor, retiredKey, issuer },
      ...lifetimes,
    })
    return {
      services: { tokens, revocations, guard },
      routes: (app) => app.register(verifyRoutes, { guard, rateLimits }),
      jobs: [
        {
          name: 'revocation feed',
          everyMs: FEED_INTERVAL_MS,
          run: revocations.poll,
          isFirstAtStart: true,
        },
      ],
      metrics: [
        {
          name: 'latchkey_revocation_feed_lag_seconds',
          help: 'Time since the revocation feed was last read to its end.',
          kind: 'shared',
          read: revocations.lagSeconds,
        },
      ],
      checks: {
        revocationFeed: async () => {
          const isFresh = revocations.lagSeconds() <= FEED_LAG_LIMIT_SECONDS
          return isFresh ? { status: 'ok' } : { status: 'failed', detail: 'The feed is stale.' }
        },
      },
    }
  },
})
