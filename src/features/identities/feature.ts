import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { usersFeature } from '../users/feature.ts'
import { identitiesOf } from './exported.ts'
import { createIdentityStore } from './store.ts'
import { createWaysIn } from './ways-in.ts'

/** Whose account at an outside provider belongs to which account here. */
export const identitiesFeature = defineFeature({
  name: 'identities',
  needs: [usersFeature, factorsFeature],
  open: ({ config, db, clock, factorStore, passkeys }) => {
    const identityStore = createIdentityStore({ db, clock })
    const providers = config.providers.map(({ id }) => id)
    const waysIn = createWaysIn({ factorStore, passkeys, identityStore, providers })
    return {
      services: { identityStore, waysIn },
      removeOwned: identityStore.removeOwned,
      exported: {
        identities: {
          description: 'Your accounts at outside providers that sign you in here.',
          read: (userId) => identitiesOf(db, userId),
        },
      },
    }
  },
})
