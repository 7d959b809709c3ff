import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { defineFeature } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import type { FactorProofs } from './proofs.ts'
import { createRecoveryCodes } from './recovery-codes.ts'
import { createResealing, RESEALING_INTERVAL_MS } from './resealing.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSeeds } from './seeds.ts'
import { createFactorStore } from './store.ts'
import { createTotpProof } from './totp-proof.ts'

export const factorsFeature = defineFeature({
  name: 'factors',
  needs: [auditFeature, mailFeature, challengesFeature, lockoutFeature],
  open: (kit) => {
    const { db, clock, secrets, log, passwords, audit, mail, challenges } = kit
    const { factorLockout, knownDevices } = kit
    const store = createFactorStore({ db, clock })
    const seeds = createSeeds({ secrets, clock, log })
    const recoveryCodes = createRecoveryCodes({ db, secrets, passwords, store, mail, audit })
    const proofs: FactorProofs = {
      totp: createTotpProof({ store, seeds, factorLockout, knownDevices }),
      recovery_code: recoveryCodes.proof,
    }
    const secondFactor = createSecondFactor({ challenges, store, proofs })
    const resealing = createResealing({ db, seeds, secrets, log })
    return {
      services: { factorStore: store, seeds, recoveryCodes, secondFactor, resealing },
      jobs: [{ name: 'seeds of apps', everyMs: RESEALING_INTERVAL_MS, run: resealing.run }],
    }
  },
})
