import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { emailFeature } from '../email/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { identitiesFeature } from '../identities/feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { ADD_PASSKEY, addPasskeyPurpose } from './add-passkey.ts'
import { ADD_TOTP, addTotpPurpose } from './add-totp.ts'
import { createAdding } from './adding.ts'
import { createFactorChanges } from './changes.ts'
import { factorRoutes } from './routes.ts'
import { createFactorSettings } from './service.ts'

export const factorSettingsFeature = defineFeature({
  name: 'factor-settings',
  needs: [
    auditFeature,
    challengesFeature,
    emailFeature,
    factorsFeature,
    identitiesFeature,
    lockoutFeature,
    mailFeature,
    sessionsFeature,
    stepUpFeature,
    tokensFeature,
    usersFeature,
  ],
  tag: {
    name: 'Factors',
    description:
      'What proves you beside the password: authenticator app, passkeys, recovery codes.',
  },
  open: (kit) => {
    const { config, clock, browsers, audit, mail, users, sessions, guard, challenges } = kit
    const { factorStore: store, seeds, passkeys, recoveryCodes } = kit
    const { knownDevices, stepUp, email, waysIn } = kit
    const { usable: isUsable } = passkeys.options
    const changes = createFactorChanges({ users, sessions, store, mail, audit, isUsable })
    const factorSettings = createFactorSettings({
      ...{ clock, changes, store, recoveryCodes, waysIn, isUsable },
    })
    const adding = createAdding({
      ...{
        users,
        sessions,
        stepUp,
        email,
        store,
        recoveryCodes,
        knownDevices,
        mail,
        audit,
        isUsable,
      },
    })
    const issuer = new URL(config.http.publicUrl.href).hostname
    return {
      services: { factorSettings },
      purposes: {
        [ADD_TOTP]: addTotpPurpose({ adding, challenges, seeds, issuer }),
        [ADD_PASSKEY]: addPasskeyPurpose({ adding, challenges, passkeys }),
      },
      cookieRoutes: (app) =>
        app.register(factorRoutes, { factorSettings, stepUp, knownDevices, guard, browsers }),
    }
  },
})
