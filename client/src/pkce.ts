import { textOf } from './webauthn.ts'

/** A secret, and what is sent of it first (RFC 7636, S256); both in base64url. */
export type Pkce = { codeVerifier: string; codeChallenge: string }

type Crypto = {
  getRandomValues(bytes: Uint8Array): Uint8Array
  subtle?: { digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer> }
}

/** @throws Error where there is no Web Crypto: React Native, pages by http */
export async function pkce(): Promise<Pkce> {
  const { crypto } = globalThis as unknown as { crypto?: Crypto }
  if (!crypto?.subtle) throw new Error('There is no Web Crypto: use https, or pass `pkce`.')
  const codeVerifier = textOf(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier))
  return { codeVerifier, codeChallenge: textOf(digest) }
}
