import { SessionBody } from '../../contract/session.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { Purpose } from '../challenges/purpose.ts'
import type { ChallengeSignIn } from './challenge-sign-in.ts'
import { SIGN_IN_LIFE_MS, type SignInCodes } from './sign-in-codes.ts'

type Dependencies = { signInCodes: SignInCodes; challengeSignIn: ChallengeSignIn }

/** `sign_in`: a session for a second factor, for a passkey alone, or for a mailed code. */
export function signInPurpose({ signInCodes, challengeSignIn }: Dependencies): Purpose {
  const { proofs, beginPasskey, open, answer } = challengeSignIn
  return {
    methods: [...(Object.keys(proofs) as (keyof typeof proofs)[]), 'mail_code'],
    lifeMs: SIGN_IN_LIFE_MS,
    start: {
      isOn: signInCodes.isOffered || 'passkey' in proofs,
      takes: { login: 'optional', transport: 'optional' },
      async begin({ login, transport = 'body' }, caller) {
        const isOffered = login === undefined ? 'passkey' in proofs : signInCodes.isOffered
        if (!isOffered) throw NotFound({ detail: ({ details }) => details.signInNotOffered })
        if (login === undefined) return beginPasskey(transport, caller)
        return signInCodes.begin(login, transport, caller)
      },
    },
    send: signInCodes.send,
    takes: { trustDevice: 'optional' },
    proofs,
    effect: open,
    answer,
    errors: ['second_factor_required', 'verification_required', 'rate_limited'],
    response: {
      status: 200,
      schema: SessionBody,
      description: 'For `sign_in`: the new session, with its tokens.',
    },
  }
}
