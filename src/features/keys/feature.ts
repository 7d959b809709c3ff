import { defineFeature } from '../feature.ts'
import { keyRoutes } from './routes.ts'
import { createKeys, KEY_RING_INTERVAL_MS } from './service.ts'

export const keysFeature = defineFeature({
  name: 'keys',
  tag: {
    name: 'Keys',
    description: 'What other services need to verify access tokens themselves.',
  },
  open: ({ config, db, statements, clock, secrets }) => {
    const { accessSeconds } = config.lifetimes
    const keys = createKeys({ db, statements, clock, secrets, accessSeconds })
    return {
      services: { keys },
      routes: (app) => app.register(keyRoutes, { keys, issuer: config.http.publicUrl.href }),
      jobs: [
        {
          name: 'key ring',
          everyMs: KEY_RING_INTERVAL_MS,
          run: keys.refresh,
          isFirstAtStart: true,
        },
      ],
    }
  },
})
