import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { NewFactor } from '../../../contract/factor.ts'
import { loadCode } from '../../../platform/load-code.ts'
import { type Credential, unlessThrown } from './credential.ts'
import { newPasskey, withoutStatement } from './new-passkey.ts'
import { ALGORITHMS, type Passkey } from './options.ts'

/** What a genuine use of a passkey says of it. */
export type Assertion = {
  counter: bigint
  backupEligible: boolean
  backedUp: boolean
  isUserVerified: boolean
}

export type Verification = ReturnType<typeof createVerification>
type Dependencies = {
  /** The domain of new passkeys. */
  rpId: string
  /** Whether a page or an app may use the passkeys of a domain. */
  isExpected: (origin: string, rpId: string) => boolean
}

/**
 * Checks what authenticators have signed. The library for it is loaded at the first use, since that
 * takes as long as the rest of the start. What it throws at is a wrong proof: it reads the bytes of
 * strangers.
 */
export function createVerification({ rpId, isExpected }: Dependencies) {
  /** @returns undefined unless the passkey has signed this challenge, at an expected place */
  async function assertion(
    credential: Credential,
    passkey: Passkey,
    challenge: string,
  ): Promise<Assertion | undefined> {
    const { verifyAuthenticationResponse } = await loadCode(() => import('@simplewebauthn/server'))
    const origin = await originOf(credential, passkey.rpId)
    if (origin === undefined) return undefined
    const { credentialId: id, secret } = passkey
    const publicKey = new Uint8Array(Buffer.from(secret, 'base64url'))
    const result = await unlessThrown(() =>
      verifyAuthenticationResponse({
        response: credential as object as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: passkey.rpId,
        requireUserVerification: false,
        // The counter is compared in the statement that moves it on, behind the signature.
        credential: { id, publicKey, counter: 0 },
      }),
    )
    if (!result?.verified) return undefined
    const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } =
      result.authenticationInfo
    return {
      counter: BigInt(newCounter),
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      isUserVerified: userVerified,
    }
  }

  /** @returns undefined unless it is a new passkey for this challenge */
  async function attestation(
    credential: Credential,
    challenge: string,
  ): Promise<NewFactor | undefined> {
    const { verifyRegistrationResponse } = await loadCode(() => import('@simplewebauthn/server'))
    const origin = await originOf(credential, rpId)
    const response = await withoutStatement(credential)
    if (origin === undefined || response === undefined) return undefined
    const result = await unlessThrown(() =>
      verifyRegistrationResponse({
        response: response as object as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: false,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    )
    return result?.verified ? newPasskey(result.registrationInfo, credential, rpId) : undefined
  }

  /**
   * The origin that the browser has seen, if the passkeys of the domain may be used there; never
   * from a page that stands in the frame of a foreign one.
   */
  async function originOf({ response }: Credential, domain: string): Promise<string | undefined> {
    const { decodeClientDataJSON } = await loadCode(() => import('@simplewebauthn/server/helpers'))
    const data = await unlessThrown(() => decodeClientDataJSON(String(response.clientDataJSON)))
    const { origin, crossOrigin = false, topOrigin } = { ...data }
    const isFramed = crossOrigin !== false || topOrigin !== undefined
    if (typeof origin !== 'string' || isFramed) return undefined
    return isExpected(origin, domain) ? origin : undefined
  }

  return { assertion, attestation }
}
