import { defineFeature } from '../../src/features/feature.ts'
import { stepUpFeature } from '../../src/features/step-up/feature.ts'
import { tokensFeature } from '../../src/features/tokens/feature.ts'
import type { App } from '../../src/http/app.ts'

/** Two routes of an application: one needs a recent proof, one two factors. */
export const vault = defineFeature({
  name: 'vault',
  needs: [tokensFeature, stepUpFeature],
  open: ({ guard, stepUp }) => ({
    routes: (app) =>
      app.register(async (scope: App) => {
        guard.protect(scope)
        scope.post('/vault', { preHandler: stepUp.recently }, async () => ({ open: true }))
        scope.post('/safe', { preHandler: stepUp.aal2 }, async () => ({ open: true }))
      }),
  }),
})
