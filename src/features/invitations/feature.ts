import { sendsMail } from '../../config/sends-mail.ts'
import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { defineFeature } from '../feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { invitePurpose } from './purpose.ts'
import { ACCEPT_INVITE, createInvitations } from './service.ts'

export const invitationsFeature = defineFeature({
  name: 'invitations',
  needs: [auditFeature, challengesFeature, mailFeature, usersFeature, signInFeature],
  isOn: sendsMail,
  open: ({ db, clock, mail, invitedUsers, accountCodes, newPasswords, audit }) => {
    const invitations = createInvitations({
      ...{ db, clock, mail, invitedUsers, accountCodes, newPasswords, audit },
    })
    return { services: { invitations }, purposes: { [ACCEPT_INVITE]: invitePurpose(invitations) } }
  },
})
