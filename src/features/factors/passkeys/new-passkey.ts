import type { VerifiedRegistrationResponse } from '@simplewebauthn/server'
import type { NewFactor } from '../../../contract/factor.ts'
import { loadCode } from '../../../platform/load-code.ts'
import { type Credential, keyOf, unlessThrown } from './credential.ts'

/** The longest credential id, in characters: 1023 bytes (WebAuthn 3, 4). */
const ID_MAX = 1364
/** What the column holds. Keys of 8192 bits are shorter. */
const KEY_MAX = 2000
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']

type Registered = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

/** @returns undefined where the credential has another id than its authenticator says */
export function newPasskey(
  { credential, credentialDeviceType, credentialBackedUp, aaguid }: Registered,
  given: Credential,
  rpId: string,
): NewFactor | undefined {
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

/** How a browser may reach the authenticator again. */
function transportsOf({ response: { transports } }: Credential): string {
  const given: unknown[] = Array.isArray(transports) ? transports : []
  return TRANSPORTS.filter((one) => given.includes(one)).join(' ')
}

/**
 * Leaves out the statement on the make of the authenticator. None was asked for, so it would prove
 * nothing, and to check it the library would fetch what its certificates name.
 */
export async function withoutStatement(credential: Credential): Promise<Credential | undefined> {
  const { isoCBOR } = await loadCode(() => import('@simplewebauthn/server/helpers'))
  const { response } = credential
  return unlessThrown(() => {
    const bytes = Buffer.from(String(response.attestationObject), 'base64url')
    const authData = isoCBOR
      .decodeFirst<Map<string, unknown>>(new Uint8Array(bytes))
      .get('authData')
    if (!(authData instanceof Uint8Array)) return undefined
    const none = { fmt: 'none', attStmt: new Map<string, string>(), authData }
    const bare = isoCBOR.encode(new Map(Object.entries(none)))
    const attestationObject = Buffer.from(bare).toString('base64url')
    return { ...credential, response: { ...response, attestationObject } }
  })
}
