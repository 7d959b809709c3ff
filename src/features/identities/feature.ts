import { defineFeature } from '../feature.ts'
import { usersFeature } from '../users/feature.ts'
import { identitiesOf } from './exported.ts'
import { createIdentityStore } from './store.ts'

/** Whose account at an outside provider belongs to which account here. */
export const identitiesFeature = defineFeature({
  name: 'identities',
  needs: [usersFeature],
  open: ({ db, clock }) => ({
    services: { identityStore: createIdentityStore({ db, clock }) },
    exported: {
      identities: {
        description: 'Your accounts at outside providers that sign you in here.',
        read: (userId) => identitiesOf(db, userId),
      },
    },
  }),
})
