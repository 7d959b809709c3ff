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

/** A new P-256 private key (PKCS#8). */
export function generatePrivatePem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
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

/**
 * The public half in both forms. It is derived and never stored, so that nobody who writes into the
 * database can put another one in its place.
 */
export function publicHalf(kid: string, privatePem: string) {
  const key = createPublicKey(privatePem)
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }
  return { publicJwk, publicPem: key.export({ format: 'pem', type: 'spki' }).toString() }
}
