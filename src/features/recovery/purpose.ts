import type { Purpose } from '../challenges/purpose.ts'
import { PasswordReset } from './schemas.ts'
import { RESET_LIFE_MS, type Recovery } from './service.ts'

/** `reset_password`: a new password for the reader of a mail to the address of the account. */
export function resetPurpose({ begin, send, reset }: Recovery): Purpose {
  return {
    methods: ['mail_code'],
    lifeMs: RESET_LIFE_MS,
    start: {
      takes: { login: 'required' },
      begin: ({ login = '' }, caller) => begin(login, caller),
    },
    send,
    takes: { newPassword: 'required' },
    effect: reset,
    answer: async () => ({ body: {}, message: ({ messages }) => messages.passwordReset }),
    response: {
      status: 200,
      schema: PasswordReset,
      description: 'For `reset_password`: the password is changed, and nobody is signed in.',
    },
  }
}
