import { createHash } from 'node:crypto'
import type { Attempt } from './protocol/protocol.ts'

/** What a client has begun; it travels in `state`, sealed, and nothing of it is stored. */
export type Begun = {
  provider: string
  /** PKCE of the client towards this server (RFC 7636, S256). */
  codeChallenge: string
  returnTo: string
}

export function begunText({ provider, codeChallenge, returnTo }: Begun): string {
  return JSON.stringify([provider, codeChallenge, returnTo])
}

export function begunOf(text: string | null): Begun {
  const [provider, codeChallenge, returnTo] = JSON.parse(text ?? '[]')
  return { provider, codeChallenge, returnTo }
}

/**
 * What is said to the provider.
 * @param secret of the challenge: 43 characters that only this server can make again
 */
export function attemptOf(state: string, secret: string, redirectUri: string): Attempt {
  // The provider shows the nonce to the browser; nobody can tell the code verifier from it.
  return { state, nonce: digestOf(`nonce ${secret}`), codeVerifier: secret, redirectUri }
}

/** SHA-256 in base64url: 43 characters. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
