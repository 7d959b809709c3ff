import { createHmac, timingSafeEqual } from 'node:crypto'
import { type MasterSecrets, newest } from './master-secret.ts'

export type Cursors = ReturnType<typeof createCursors>

/**
 * Cursors of lists: a place in the list and a code (HMAC with SHA-256, RFC 2104) over the place and
 * the list that it belongs to. So nobody can make one, or use one for another list.
 */
export function createCursors(secrets: MasterSecrets) {
  const keys = secrets.deriveKeys('latchkey list cursors')

  /** @param list names the list: who reads, what, how it is sorted and filtered */
  function seal(place: unknown, list: string): string {
    const body = Buffer.from(JSON.stringify(place)).toString('base64url')
    return `${body}.${codeOf(body, list, newest(keys).key)}`
  }

  /** @returns the place, or undefined when the cursor is not one of this list */
  function open(cursor: string, list: string): unknown {
    const [body = '', code = '', ...more] = cursor.split('.')
    const isOurs = keys.some(({ key }) => isEqual(code, codeOf(body, list, key)))
    if (!isOurs || more.length > 0) return undefined
    return JSON.parse(Buffer.from(body, 'base64url').toString())
  }

  return { seal, open }
}

function codeOf(body: string, list: string, key: Buffer): string {
  return createHmac('sha256', key).update(`${body}.${list}`).digest('base64url')
}

/** Compares the texts, since several texts decode to the same bytes. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
