import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { NewFactor } from '../factor.ts'
import { type Credential, keyOf } from './credential.ts'
import { ALGORITHMS, type Passkey } from './options.ts'

/** The longest credential id, in characters: 1023 bytes (WebAuthn 3, 5.1.3). */
const ID_MAX = 1364
/** What the column holds. Keys of 8192 bits are shorter. */
const KEY_MAX = 2000
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']

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
  /** Whether passkeys of a domain may be used by a page or an app. */
  isExpected: (origin: string, rpId: string) => boolean
}

/**
 * Checks what authenticators have signed, with a library that is loaded at the first use: it takes
 * as long as the start of the server. What the library throws at means a wrong proof: it is the
 * text of strangers.
 */
export function createVerification({ rpId, isExpected }: Dependencies) {
  /** @returns undefined unless the passkey has signed this challenge, at an expected place */
  async function assertion(
    credential: Credential,
    passkey: Passkey,
    challenge: string,
  ): Promise<Assertion | undefined> {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
    const origin = await originOf(credential, passkey.rpId)
    if (origin === undefined) return undefined
    const result = await unlessThrown(() =>
      verifyAuthenticationResponse({
        response: credential as unknown as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: passkey.rpId,
        requireUserVerification: false,
        credential: {
          id: passkey.credentialId,
          publicKey: new Uint8Array(Buffer.from(passkey.secret, 'base64url')),
          // It is compared in the statement that moves it on, once the signature is known.
          counter: 0,
        },
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
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
    const origin = await originOf(credential, rpId)
    const response = await withoutStatement(credential)
    if (origin === undefined || response === undefined) return undefined
    const result = await unlessThrown(() =>
      verifyRegistrationResponse({
        response: response as unknown as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: false,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    )
    if (!result?.verified) return undefined
    return newPasskey(result.registrationInfo, credential)
  }

  type Registered = {
    credential: { id: string; publicKey: Uint8Array; counter: number }
    credentialDeviceType: 'singleDevice' | 'multiDevice'
    credentialBackedUp: boolean
    aaguid: string
  }

  function newPasskey(registered: Registered, given: Credential): NewFactor | undefined {
    const { credential, credentialDeviceType, credentialBackedUp, aaguid } = registered
    const { id, publicKey, counter } = credential
    const secret = Buffer.from(publicKey).toString('base64url')
    if (id !== given.id || id.length > ID_MAX || secret.length > KEY_MAX) return undefined
    return {
      kind: 'passkey',
      secret,
      counter: BigInt(counter),
      credentialKey: keyOf(id),
      credentialId: id,
      rpId,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      transports: transportsOf(given),
      aaguid,
    }
  }

  /**
   * The origin that the browser has seen, if passkeys of the domain may be used there; a page
   * within the frame of a foreign one may not use them.
   */
  async function originOf({ response }: Credential, domain: string): Promise<string | undefined> {
    const { decodeClientDataJSON } = await import('@simplewebauthn/server/helpers')
    const data = await unlessThrown(() => decodeClientDataJSON(response.clientDataJSON as string))
    const { origin, crossOrigin = false, topOrigin } = { ...data }
    const isFramed = crossOrigin !== false || topOrigin !== undefined
    if (typeof origin !== 'string' || isFramed) return undefined
    return isExpected(origin, domain) ? origin : undefined
  }

  return { assertion, attestation }
}

/**
 * Leaves out the statement on the make of the authenticator. None was asked for, so it would prove
 * nothing, and to check it the library would fetch what its certificates name.
 */
async function withoutStatement(credential: Credential): Promise<object | undefined> {
  const { isoCBOR } = await import('@simplewebauthn/server/helpers')
  const { response } = credential
  return unlessThrown(() => {
    const bytes = Buffer.from(response.attestationObject as string, 'base64url')
    const whole = isoCBOR.decodeFirst<Map<string, Uint8Array>>(new Uint8Array(bytes))
    const authData = new Uint8Array(whole.get('authData') ?? [])
    const none = { fmt: 'none', attStmt: new Map<string, string>(), authData }
    const bare = isoCBOR.encode(new Map(Object.entries(none)))
    const attestationObject = Buffer.from(bare).toString('base64url')
    return { ...credential, response: { ...response, attestationObject } }
  })
}

/** How a browser may reach the authenticator again. */
function transportsOf({ response }: Credential): string {
  const { transports } = response
  return Array.isArray(transports)
    ? TRANSPORTS.filter((one) => transports.includes(one)).join(' ')
    : ''
}

async function unlessThrown<Result>(
  check: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await check()
  } catch {
    return undefined
  }
}
