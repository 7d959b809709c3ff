import { sendsMail } from '../../config/sends-mail.ts'
import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { identitiesFeature } from '../identities/feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { resetPurpose } from './purpose.ts'
import { createRecovery, RESET } from './service.ts'

export const recoveryFeature = defineFeature({
  name: 'recovery',
  needs: [
    auditFeature,
    challengesFeature,
    factorsFeature,
    identitiesFeature,
    lockoutFeature,
    mailFeature,
    usersFeature,
    sessionsFeature,
    signInFeature,
  ],
  isOn: sendsMail,
  open: (kit) => {
    const { newPasswords, audit, mail, users, sessions, lockout } = kit
    const { factorStore, identityStore, accountCodes } = kit
    const recovery = createRecovery({
      ...{ newPasswords, audit, mail, users, sessions, lockout },
      ...{ factorStore, identityStore, accountCodes },
    })
    return { services: { recovery }, purposes: { [RESET]: resetPurpose(recovery) } }
  },
})
