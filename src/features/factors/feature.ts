import { challengesFeature } from '../challenges/feature.ts'
import { defineFeature } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import type { FactorProofs } from './proofs.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSeeds } from './seeds.ts'
import { createFactorStore } from './store.ts'
import { createTotpProof } from './totp-proof.ts'

export const factorsFeature = defineFeature({
  name: 'factors',
  needs: [challengesFeature, lockoutFeature],
  open: ({ db, clock, secrets, challenges }) => {
    const store = createFactorStore({ db, clock })
    const seeds = createSeeds(secrets)
    const proofs: FactorProofs = { totp: createTotpProof({ store, seeds, clock }) }
    const secondFactor = createSecondFactor({ challenges, store, proofs })
    return { services: { factorStore: store, seeds, secondFactor } }
  },
})
