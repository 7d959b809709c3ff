import type { Purpose } from '../challenges/purpose.ts'
import { UNDO_LIFE_MS, VERIFY_LIFE_MS } from './mails.ts'
import { EmailChangeUndone, EmailVerified } from './schemas.ts'
import type { Email } from './service.ts'

/** `verify_email`: the address belongs to the reader of its mail. */
export function verifyPurpose({ begin, send, confirm }: Email): Purpose {
  return {
    methods: ['mail_code'],
    lifeMs: VERIFY_LIFE_MS,
    start: { takes: {}, begin: (_fields, caller) => begin(caller) },
    send,
    effect: confirm,
    errors: ['email_taken'],
    answer: async ({ challenge: { address } }) => ({
      body: { email: address ?? '' },
      message: ({ messages }) => messages.verified,
    }),
    response: {
      status: 200,
      schema: EmailVerified,
      description: 'For `verify_email`: the address is verified, and nobody is signed in.',
    },
  }
}

/**
 * `undo_email`: the old address still belongs to the reader of its notice, after any other change.
 */
export function undoPurpose({ undo }: Email): Purpose {
  return {
    methods: ['mail_code'],
    lifeMs: UNDO_LIFE_MS,
    takes: { newPassword: 'required' },
    effect: undo,
    errors: ['email_taken'],
    answer: async () => ({ body: {}, message: ({ messages }) => messages.emailChangeUndone }),
    response: {
      status: 200,
      schema: EmailChangeUndone,
      description: 'For `undo_email`: address and password are replaced, and nobody is signed in.',
    },
  }
}
