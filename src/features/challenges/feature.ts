import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { purposesOf } from './purpose.ts'
import { challengeLimits } from './rate-limits.ts'
import { challengeRoutes } from './routes.ts'
import { createChallengeSeal } from './seal.ts'
import { createChallenges } from './service.ts'
import { createChallengeStore } from './store.ts'

export const challengesFeature = defineFeature({
  name: 'challenges',
  needs: [auditFeature, tokensFeature],
  rateLimits: challengeLimits,
  open: (kit) => {
    const { db, statements, dialect, secrets, clock, log, opened, rateLimits, browsers } = kit
    const { audit, guard } = kit
    const store = createChallengeStore({ db, statements, dialect })
    const seal = createChallengeSeal(secrets)
    // Gathered late, when all features are open.
    const served = () => purposesOf(opened).served
    const challenges = createChallenges({
      ...{ db, clock, log, audit, rateLimits, seal, store, purposes: served },
    })
    return {
      services: { challenges },
      cookieRoutes: async (app) => {
        const { served: purposes, startable } = purposesOf(opened)
        if (purposes.size === 0) return
        await app.register(challengeRoutes, { challenges, purposes, startable, guard, browsers })
      },
      clean: challenges.clean,
    }
  },
})
