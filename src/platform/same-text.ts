import { timingSafeEqual } from 'node:crypto'

/**
 * Compares two codes in a time that tells nothing of where they differ. It compares the texts, since
 * several texts of base64url decode to the same bytes.
 */
export function isSameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
