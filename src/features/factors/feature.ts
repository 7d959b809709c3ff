import { relyingPartyOf } from '../../config/relying-party.ts'
import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { defineFeature } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { factorsOf } from './exported.ts'
import { createPasskeys } from './passkeys/passkeys.ts'
import { passkeyRoutes } from './passkeys/routes.ts'
import type { FactorProofs } from './proofs.ts'
import { createRecoveryCodes } from './recovery-codes.ts'
import { createResealing, RESEALING_INTERVAL_MS } from './resealing.ts'
import { createSecondFactor } from './second-factor.ts'
import { createSeeds } from './seeds.ts'
import { createFactorStore } from './store.ts'
import { createTotpProof } from './totp-proof.ts'

export const factorsFeature = defineFeature({
  name: 'factors',
  needs: [auditFeature, mailFeature, usersFeature, challengesFeature, lockoutFeature],
  open: (kit) => {
    const { config, db, clock, secrets, log, browsers, passwords, audit, mail, notices } = kit
    const { users, challenges, factorLockout, knownDevices } = kit
    const store = createFactorStore({ db, clock })
    const seeds = createSeeds({ secrets, clock, log })
    const recoveryCodes = createRecoveryCodes({ db, secrets, passwords, store, mail, audit })
    const passkeys = createPasskeys({
      ...{ relyingParty: relyingPartyOf(config), browsers, store, users, audit, notices },
      site: new URL(config.http.publicUrl.origin).host,
    })
    const proofs: FactorProofs = {
      ...(passkeys.isOn ? { passkey: passkeys.proof } : {}),
      totp: createTotpProof({ store, seeds, factorLockout, knownDevices }),
      recovery_code: recoveryCodes.proof,
    }
    const secondFactor = createSecondFactor({ challenges, store, proofs, passkeys })
    const resealing = createResealing({ db, seeds, secrets, audit, log })
    return {
      services: { factorStore: store, seeds, recoveryCodes, passkeys, secondFactor, resealing },
      routes: (app) => app.register(passkeyRoutes, { passkeys }),
      exported: {
        factors: {
          description: 'Your authenticator app, passkeys, and how many recovery codes are left.',
          read: (userId) => factorsOf(db, userId),
        },
      },
      removeOwned: store.removeOwned,
      jobs: [{ name: 'seeds of apps', everyMs: RESEALING_INTERVAL_MS, run: resealing.run }],
    }
  },
})
