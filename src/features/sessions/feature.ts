import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { sessionLimits } from './rate-limits.ts'
import { refreshRoutes } from './refresh-routes.ts'
import { sessionRoutes } from './routes.ts'
import { NOTES_INTERVAL_MS } from './seen-tokens.ts'
import { createSessions } from './service.ts'
import { signOutRoutes } from './sign-out-routes.ts'

export const sessionsFeature = defineFeature({
  name: 'sessions',
  needs: [auditFeature, mailFeature, usersFeature, tokensFeature],
  tag: {
    name: 'Sessions',
    description:
      'Sign in, stay signed in, sign out. Each device that signs in has its own session.',
  },
  rateLimits: sessionLimits,
  open: (kit) => {
    const { config, db, dialect, statements, clock, rateLimits, browsers } = kit
    const { signInTime, audit, notices, tokens, revocations, guard } = kit
    const sessions = createSessions({
      ...{
        db,
        dialect,
        statements,
        signInTime,
        clock,
        tokens,
        revocations,
        audit,
        notices,
        rateLimits,
      },
      lifetimes: config.lifetimes,
    })
    const { seen } = sessions
    guard.whenSeen(seen.note)
    return {
      services: { sessions },
      cookieRoutes: async (app) => {
        await app.register(refreshRoutes, { sessions, tokens, browsers })
        await app.register(signOutRoutes, { sessions, tokens, guard, browsers })
      },
      routes: (app) => app.register(sessionRoutes, { sessions, guard }),
      jobs: [{ name: 'seen tokens', everyMs: NOTES_INTERVAL_MS, run: seen.write }],
      clean: sessions.clean,
      removeOwned: sessions.leave,
      // A lost note only forgives more, so a missing database delays no stop.
      close: () => seen.write().catch(() => undefined),
    }
  },
})
