import { defineFeature } from '../feature.ts'
import { usersFeature } from '../users/feature.ts'
import { idempotencyErrors } from './errors.ts'
import { createIdempotency } from './service.ts'

/** New keys of one user in a day, or as many as he may have houses. */
const KEYS_PER_DAY = 10_000

export const idempotencyFeature = defineFeature({
  name: 'idempotency',
  needs: [usersFeature],
  errors: idempotencyErrors,
  open: ({ config, db, clock, holdings }) => {
    const keysPerDay = Math.max(KEYS_PER_DAY, config.perUser.housesMax)
    const idempotency = createIdempotency({ db, clock, holdings, keysPerDay })
    return {
      services: { idempotency },
      clean: idempotency.clean,
      removeOwned: idempotency.forget,
      exported: {
        idempotencyKeys: {
          description: 'When you sent requests with an Idempotency-Key, within a day.',
          read: idempotency.exported,
        },
      },
    }
  },
})
