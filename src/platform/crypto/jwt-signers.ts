import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto'

/** Makes a signed token of claims (RFC 7519, in the compact form of RFC 7515 7.1). */
export type JwtSigner = (claims: object) => string

type Kind = { typ: string; kid: string }

/** @param key of P-256 (RFC 7518 3.4) */
export function es256Signer(key: KeyObject, { typ, kid }: Kind): JwtSigner {
  const options = { key, dsaEncoding: 'ieee-p1363' } as const
  return signerOf({ alg: 'ES256', typ, kid }, (input) =>
    sign('sha256', Buffer.from(input), options).toString('base64url'),
  )
}

/** @param secret at least 32 bytes (RFC 7518 3.2) */
export function hs256Signer(secret: Buffer, { typ, kid }: Kind): JwtSigner {
  const key = createSecretKey(secret)
  return signerOf({ alg: 'HS256', typ, kid }, (input) =>
    createHmac('sha256', key).update(input).digest('base64url'),
  )
}

function signerOf(header: object, signatureOf: (input: string) => string): JwtSigner {
  const start = encoded(header)
  return (claims) => {
    const input = `${start}.${encoded(claims)}`
    return `${input}.${signatureOf(input)}`
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
