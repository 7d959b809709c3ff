import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { es256Signer, type JwtSigner } from '../../platform/crypto/jwt-signers.ts'

export const SIGNING_ALGORITHM = 'ES256'

/** A public key of the JWKS (RFC 7517). */
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
 * Signer of one key; its tokens have `typ: at+jwt` (RFC 9068).
 * @throws Error if it is not a P-256 key: a key has one algorithm (RFC 8725)
 */
export function accessTokenSigner(kid: string, privatePem: string): JwtSigner {
  const key = createPrivateKey(privatePem)
  const { asymmetricKeyType, asymmetricKeyDetails } = key
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`Signing key ${kid} is not a P-256 key`)
  }
  return es256Signer(key, { typ: 'at+jwt', kid })
}

/**
 * The public key in both forms. It is derived, not stored, so that nobody can replace it in the
 * database.
 */
export function publicHalf(kid: string, privatePem: string) {
  const key = createPublicKey(privatePem)
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }
  return { publicJwk, publicPem: key.export({ format: 'pem', type: 'spki' }).toString() }
}
