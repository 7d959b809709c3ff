import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { exportedIn } from './export.ts'
import { activityLimits } from './rate-limits.ts'
import { activityRoutes } from './routes.ts'

export const activityFeature = defineFeature({
  name: 'activity',
  needs: [auditFeature, tokensFeature, stepUpFeature],
  tag: {
    name: 'Activity',
    description: 'See what happened to your account, and get everything that is held about you.',
  },
  rateLimits: activityLimits,
  open: ({ audit, guard, stepUp, rateLimits, clock, opened }) => ({
    routes: async (app) => {
      // Here, since other features open after this one.
      const exported = exportedIn(opened)
      await app.register(activityRoutes, { audit, exported, guard, stepUp, rateLimits, clock })
    },
  }),
})
