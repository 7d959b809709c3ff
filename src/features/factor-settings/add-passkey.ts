import type { Purpose } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { Passkeys } from '../factors/passkeys/passkeys.ts'
import type { Adding } from './adding.ts'

export const ADD_PASSKEY = 'add_passkey'

type Dependencies = {
  adding: Adding
  challenges: Pick<Challenges, 'begin'>
  passkeys: Pick<Passkeys, 'isOn' | 'options' | 'newProof'>
}

/** `add_passkey`: what the browser has made is added, once it has signed the challenge. */
export function addPasskeyPurpose({ adding, challenges, passkeys }: Dependencies): Purpose {
  const { isOn, options, newProof } = passkeys
  return adding.purposeOf({
    kind: 'passkey',
    isOn,
    proofs: { passkey: newProof },
    description:
      'For `add_totp` and `add_passkey`: the factor, and with the first one the recovery codes.',
    async begin({ user, sessionId, factors }, { device }) {
      const passkey = (nonce: string) => options.creation(nonce, user, factors)
      return challenges.begin({
        ...{ purpose: ADD_PASSKEY, account: user, sessionId, device, passkey },
      })
    },
  })
}
