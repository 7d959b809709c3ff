import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { currentKey, type DerivedKey } from './master-secret.ts'

/** Signs with the current key, verifies with any (HMAC, RFC 2104). */
export function createTextSigner(derived: readonly DerivedKey[]) {
  const keys = derived.map(({ key }) => createSecretKey(key))
  return {
    codeFor: (text: string): string => codeOf(text, currentKey(keys)),
    isCodeFor: (code: string, text: string): boolean =>
      keys.some((key) => isSame(code, codeOf(text, key))),
  }
}

function codeOf(text: string, key: KeyObject): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Constant-time. Compares texts, since base64url has several for the same bytes. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
