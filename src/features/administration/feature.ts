import { accountsFeature } from '../accounts/feature.ts'
import { auditFeature } from '../audit/feature.ts'
import { emailFeature } from '../email/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { identitiesFeature } from '../identities/feature.ts'
import { invitationsFeature } from '../invitations/feature.ts'
import { keysFeature } from '../keys/feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { recoveryFeature } from '../recovery/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createAdministration } from './administration.ts'
import { createEvents } from './events.ts'
import { administrationRoutes } from './routes.ts'
import { createSummary } from './summary.ts'

export const administrationFeature = defineFeature({
  name: 'administration',
  needs: [
    auditFeature,
    usersFeature,
    lockoutFeature,
    factorsFeature,
    identitiesFeature,
    mailFeature,
    keysFeature,
    tokensFeature,
    sessionsFeature,
    signInFeature,
    stepUpFeature,
    emailFeature,
    recoveryFeature,
    invitationsFeature,
    accountsFeature,
  ],
  tag: {
    name: 'Administration',
    description:
      'Accounts of others, for the role `admin`. Each change needs a recent proof of identity.',
  },
  open: (kit) => {
    const { db, clock, cursors, audit, mail, keys, email, guard, stepUp } = kit
    const { users, administeredUsers, userList, userCounts, lockEnds, lockout } = kit
    const { factorLockout, factorStore, sessions, revocations, newPasswords } = kit
    const { recovery, invitations, deletion, lastAdmin, invitedUsers } = kit
    const { identityStore, waysIn } = kit
    const administration = createAdministration({
      ...{ db, clock, cursors, audit, mail, keys, email, users, administeredUsers, userList },
      ...{ lockEnds, lockout, factorLockout, factorStore, sessions, revocations, newPasswords },
      ...{ recovery, invitations, deletion, lastAdmin, invitedUsers, identityStore, waysIn },
    })
    const events = createEvents({ audit, administeredUsers })
    const summary = createSummary({ audit, clock, userCounts, sessions, revocations, mail })
    return {
      services: { administration },
      routes: (app) =>
        app.register(administrationRoutes, { administration, events, summary, guard, stepUp }),
    }
  },
})
