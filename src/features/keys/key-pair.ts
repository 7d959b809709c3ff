import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createSigner } from 'fast-jwt'

export const SIGNING_ALGORITHM = 'ES256'

/** The public half as it stands in the JWKS (RFC 7517). */
export type PublicJwk = {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  kid: string
  alg: typeof SIGNING_ALGORITHM
  use: 'sig'
}

export type KeyMaterial = { publicJwk: PublicJwk; privatePem: string }

/** A new P-256 key pair. */
export function generateKeyMaterial(kid: string): KeyMaterial {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  const privatePem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const use = { kid, alg: SIGNING_ALGORITHM, use: 'sig' } as const
  return { publicJwk: { kty: 'EC', crv: 'P-256', x, y, ...use }, privatePem }
}

/**
 * Makes the signer of one key. Its tokens have the header `typ: at+jwt` (RFC 9068) and the key's id.
 * @throws Error when the key is not a P-256 key: a key is used with one algorithm only (RFC 8725)
 */
export function accessTokenSigner(kid: string, privatePem: string): (claims: object) => string {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(privatePem)
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`Signing key ${kid} is not a P-256 key`)
  }
  const header = { alg: SIGNING_ALGORITHM, typ: 'at+jwt' }
  return createSigner({ key: privatePem, algorithm: SIGNING_ALGORITHM, kid, header })
}

export function publicPemOf({ kty, crv, x, y }: PublicJwk): string {
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  return key.export({ format: 'pem', type: 'spki' }).toString()
}
