import { auditFeature } from '../audit/feature.ts'
import { emailFeature } from '../email/feature.ts'
import { factorSettingsFeature } from '../factor-settings/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature, type Opened } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { dashboardsOf } from './dashboard.ts'
import { createDeletion, DELETION_INTERVAL_MS } from './deletion.ts'
import { accountErrors } from './errors.ts'
import { accountLimits } from './rate-limits.ts'
import { accountRoutes, registrationRoutes } from './routes.ts'
import { createAccounts } from './service.ts'
import { createUnverified } from './unverified.ts'

export const accountsFeature = defineFeature({
  name: 'accounts',
  needs: [
    auditFeature,
    lockoutFeature,
    factorsFeature,
    factorSettingsFeature,
    mailFeature,
    usersFeature,
    tokensFeature,
    sessionsFeature,
    signInFeature,
    stepUpFeature,
    emailFeature,
  ],
  tag: {
    name: 'Accounts',
    description: 'Create an account; read, change and delete your own; change its password.',
  },
  rateLimits: accountLimits,
  errors: accountErrors,
  open: (kit) => {
    const { config, db, clock, log, rateLimits, browsers, opened } = kit
    const { audit, mail, users, closedUsers, guard, sessions } = kit
    const { knownDevices, lockout, passwordChecks, newPasswords, credentials } = kit
    const { signInCodes, email, notices, factorStore, factorSettings, stepUp, passwordGuard } = kit
    const unverified = createUnverified({
      ...{ clock, users, sessions, lockout, factorStore, signInCodes, notices, audit },
    })
    const accounts = createAccounts({
      ...{ db, clock, users, newPasswords, passwordChecks, rateLimits },
      isOpen: config.registration === 'open',
      languages: config.languages,
      ...{ audit, sessions, credentials, email, unverified },
    })
    const deletion = createDeletion({
      ...{ closedUsers, log, audit, sessions, credentials, mail },
      belongings: () => belongingsIn(opened),
      sweep: () => sweepAll(opened),
    })
    return {
      services: { accounts, deletion },
      cookieRoutes: async (app) => {
        await app.register(registrationRoutes, {
          ...{ accounts, sessions, knownDevices, rateLimits, browsers },
        })
        await app.register(accountRoutes, {
          ...{ users, accounts, sessions, deletion, guard, browsers },
          ...{ factorSettings, stepUp, passwordGuard, knownDevices },
          dashboards: dashboardsOf(opened),
        })
      },
      jobs: [
        { name: 'deleted accounts', everyMs: DELETION_INTERVAL_MS, run: deletion.proceedUntil },
      ],
    }
  },
})

/** Features opened last go first: they may depend on others. */
function belongingsIn(opened: readonly Opened[]) {
  return opened.toReversed().flatMap(({ removeOwned }) => (removeOwned ? [removeOwned] : []))
}

async function sweepAll(opened: readonly Opened[]): Promise<void> {
  for (const { sweep } of opened) await sweep?.()
}
