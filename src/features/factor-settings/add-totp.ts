import type { GivenProof, Proven, Purpose } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { Seeds } from '../factors/seeds.ts'
import type { Adding } from './adding.ts'
import { base32, otpauthUri } from './otpauth-uri.ts'

export const ADD_TOTP = 'add_totp'

type Dependencies = {
  adding: Adding
  challenges: Pick<Challenges, 'begin'>
  seeds: Seeds
  /** What apps show above the codes. */
  issuer: string
}

/** `add_totp`: the first code of an authenticator app adds it. Until then its seed is nowhere. */
export function addTotpPurpose(dependencies: Dependencies): Purpose {
  const { adding, challenges, seeds, issuer } = dependencies

  async function totp({ proof, challenge }: GivenProof): Promise<Proven | undefined> {
    const { userId, data } = challenge
    if (userId === null || data === null) return undefined
    const step = seeds.stepOf(data, userId, proof)
    if (step === undefined) return undefined
    // With its step: this code signs nobody in any more.
    return { amr: ['otp'], factor: { kind: 'totp', secret: data, counter: BigInt(step) } }
  }

  return adding.purposeOf({
    kind: 'totp',
    proofs: { totp },
    description:
      'For `add_totp` and `add_passkey`: the factor, and with the first one the recovery codes.',
    async begin({ user, sessionId }, { device }) {
      const seed = seeds.newSeed()
      const data = seeds.seal(seed, user.id)
      const asked = { purpose: ADD_TOTP, account: user, sessionId, data, device }
      const secret = base32(seed)
      const uri = otpauthUri({ issuer, account: user.username, secret })
      return { ...challenges.begin(asked), totp: { secret, uri } }
    },
  })
}
