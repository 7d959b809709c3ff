import { createHash } from 'node:crypto'
import type { Attempt } from './protocol.ts'

/** Binds the code to the verifier of an attempt (RFC 7636). */
export function challengeOf({ codeVerifier }: Attempt) {
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url')
  return { code_challenge: challenge, code_challenge_method: 'S256' }
}
