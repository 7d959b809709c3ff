import type { User } from '../../users/user.ts'
import type { Factor } from '../factor.ts'
import { userHandleOf } from './credential.ts'

const TIMEOUT_MS = 300_000
/** EdDSA, ES256 and RS256, as COSE numbers them; every authenticator knows one of them. */
export const ALGORITHMS = [-8, -7, -257]

/** A factor that is a passkey. */
export type Passkey = Factor & { kind: 'passkey'; credentialId: string; rpId: string }

export function isPasskey(factor: Factor): factor is Passkey {
  return factor.kind === 'passkey' && factor.credentialId !== null && factor.rpId !== null
}

export type PasskeyOptions = ReturnType<typeof createPasskeyOptions>
type Dependencies = {
  /** Newest first. */
  rpIds: readonly string[]
  /** What authenticators call this server. */
  site: string
}

/** What browsers are asked for, as the JSON of WebAuthn 3 (5.1.8 to 5.1.10). */
export function createPasskeyOptions({ rpIds, site }: Dependencies) {
  const [newest = ''] = rpIds

  /** Whether the passkey, or the factor of another kind, can be used here. */
  function usable(factor: Factor): boolean {
    return factor.kind !== 'passkey' || (isPasskey(factor) && rpIds.includes(factor.rpId))
  }

  function usablePasskeys(factors: readonly Factor[]): Passkey[] {
    return factors.filter(isPasskey).filter(usable)
  }

  /** Any passkey that says itself whose it is, and has verified its user. */
  function anybody(challenge: string) {
    return { challenge, rpId: newest, timeout: TIMEOUT_MS, userVerification: 'required' }
  }

  /** One of the passkeys of an account; a browser takes those of one RP ID at a time. */
  function request(challenge: string, factors: readonly Factor[]) {
    const passkeys = usablePasskeys(factors)
    const rpId = rpIds.find((id) => passkeys.some((passkey) => passkey.rpId === id)) ?? newest
    const allowCredentials = passkeys.filter((passkey) => passkey.rpId === rpId).map(descriptorOf)
    const userVerification = 'preferred'
    return { challenge, rpId, timeout: TIMEOUT_MS, userVerification, allowCredentials }
  }

  /** A new passkey, on a device that has none of the account. */
  function creation(
    challenge: string,
    { id, username, name }: Pick<User, 'id' | 'username' | 'name'>,
    factors: readonly Factor[],
  ) {
    return {
      rp: { id: newest, name: site },
      user: { id: userHandleOf(id), name: username, displayName: name ?? username },
      challenge,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: TIMEOUT_MS,
      excludeCredentials: usablePasskeys(factors).map(descriptorOf),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      attestation: 'none',
    }
  }

  return { usable, anybody, request, creation }
}

function descriptorOf({ credentialId: id, transports }: Passkey) {
  const known = transports?.split(' ').filter((transport) => transport !== '') ?? []
  return { type: 'public-key', id, ...(known.length > 0 ? { transports: known } : {}) }
}
