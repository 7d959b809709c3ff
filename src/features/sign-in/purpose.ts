import { SessionBody } from '../../contract/session.ts'
import type { Purpose } from '../challenges/purpose.ts'
import { SIGN_IN_LIFE_MS, type SignInCodes } from './sign-in-codes.ts'

/** `sign_in`: a session for the reader of a mail to the address of the account. */
export function signInPurpose({ isOffered, begin, send, open, answer }: SignInCodes): Purpose {
  return {
    methods: ['mail_code'],
    lifeMs: SIGN_IN_LIFE_MS,
    start: { isOn: isOffered, takes: { login: 'required', transport: 'optional' }, begin },
    send,
    effect: open,
    answer,
    response: {
      status: 200,
      schema: SessionBody,
      description: 'For `sign_in`: the new session, with its tokens.',
    },
  }
}
