import { createHmac, timingSafeEqual } from 'node:crypto'
import { currentKey, type DerivedKey } from './master-secret.ts'

/** Signs with the current key, verifies with any (HMAC, RFC 2104). */
export function createTextSigner(keys: readonly DerivedKey[]) {
  const { key: current } = currentKey(keys)
  return {
    codeFor: (text: string): string => codeOf(text, current),
    isCodeFor: (code: string, text: string): boolean =>
      keys.some(({ key }) => isSame(code, codeOf(text, key))),
  }
}

function codeOf(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Constant-time. Compares texts, since base64url has several for the same bytes. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
