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
import { createEmailMails, UNDO, VERIFY } from './mails.ts'
import { undoPurpose, verifyPurpose } from './purposes.ts'
import { createEmail } from './service.ts'

export const emailFeature = defineFeature({
  name: 'email',
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
    const { config, db, clock, audit, challenges, mail } = kit
    const { users, addresses, sessions, lockout, factorStore, newPasswords, identityStore } = kit
    const mails = createEmailMails({ clock, challenges, mail })
    const email = createEmail({
      ...{ db, clock, mails, mail, users, addresses, newPasswords, sessions, lockout, audit },
      ...{ factorStore, identityStore },
      isOn: sendsMail(config),
      asksUnasked: config.mail.verification !== 'off',
    })
    return {
      services: { email },
      purposes: { [VERIFY]: verifyPurpose(email), [UNDO]: undoPurpose(email) },
    }
  },
})
