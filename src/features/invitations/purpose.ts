import type { Purpose } from '../challenges/purpose.ts'
import { InvitationAccepted } from './schemas.ts'
import { INVITE_LIFE_MS, type Invitations } from './service.ts'

/** `accept_invite`: a first password for the reader of a mail to the address of the account. */
export function invitePurpose({ send, accept }: Invitations): Purpose {
  return {
    methods: ['mail_code'],
    lifeMs: INVITE_LIFE_MS,
    send,
    takes: { newPassword: 'required' },
    effect: accept,
    answer: async () => ({ body: {}, message: ({ messages }) => messages.invitationAccepted }),
    response: {
      status: 200,
      schema: InvitationAccepted,
      description: 'For `accept_invite`: the account has a password, and nobody is signed in.',
    },
  }
}
