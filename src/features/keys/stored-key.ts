import type { JwtSigner } from '../../platform/crypto/jwt-signers.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import { accessTokenSigner, type PublicJwk, publicHalf } from './key-pair.ts'

/** The error for a genuine token of a retired key. */
export type Refusal = 'token_expired' | 'session_ended'

/** A key that verifies, and signs from its date. */
export type SigningKey = {
  kid: string
  sequence: number
  signsFrom: number
  publicJwk: PublicJwk
  publicPem: string
  sign: JwtSigner
}

/** A retired key; it grants nothing, but tells honest clients from forgers. */
export type RetiredKey = { kid: string; publicPem: string; refusal: Refusal }

export type StoredKey = { kind: 'signing'; key: SigningKey } | { kind: 'retired'; key: RetiredKey }

type Row = { id: string; sequence: number; encryptedKey: string; signsFrom: Date }

/**
 * Opens a row: a private key, or what `sealRetired` left of one. Both are sealed, so that nobody
 * can replace them in the database. @throws Error naming SECRET if no secret opens it
 */
export function openStoredKey(secrets: MasterSecrets, row: Row): StoredKey {
  const { id: kid, sequence } = row
  const text = secrets.open(row.encryptedKey, kid)
  if (text.startsWith('{')) return { kind: 'retired', key: { kid, ...JSON.parse(text) } }
  const signsFrom = row.signsFrom.getTime()
  const key = {
    kid,
    sequence,
    signsFrom,
    ...publicHalf(kid, text),
    sign: accessTokenSigner(kid, text),
  }
  return { kind: 'signing', key }
}

/** Seals the public key, which is all that is kept of a retired key. */
export function sealRetired(
  secrets: MasterSecrets,
  { kid, publicPem }: SigningKey,
  refusal: Refusal,
): string {
  return secrets.seal(JSON.stringify({ publicPem, refusal }), kid)
}
