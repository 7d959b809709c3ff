import { createHmac } from 'node:crypto'
import { ValidationFailed } from './error-table.ts'
import type { Place } from './keyset.ts'
import { type MasterSecrets, newest } from './master-secret.ts'
import { isSameText } from './same-text.ts'

export type Cursors = ReturnType<typeof createCursors>

/**
 * Cursors of lists: a place in the list and a code (HMAC with SHA-256, RFC 2104) over the place and
 * the list that it belongs to. So nobody can make one, or use one for another list.
 */
export function createCursors(secrets: MasterSecrets) {
  const keys = secrets.deriveKeys('latchkey list cursors')

  /**
   * @param list names the list: who reads, what, how it is sorted and filtered
   * @returns the cursor that continues behind the place; null without one, at the end of the list
   */
  function seal(place: Place | undefined, list: string): string | null {
    if (place === undefined) return null
    // A date as a number, so that reading it back needs no knowledge of the columns.
    const values = place.map((value) => (value instanceof Date ? value.getTime() : value))
    const body = Buffer.from(JSON.stringify(values)).toString('base64url')
    return `${body}.${codeOf(body, list, newest(keys).key)}`
  }

  /**
   * @param cursor as a client sent it; empty at the start of the list
   * @throws ValidationFailed for every cursor that was not made for this list
   */
  function open(cursor: string, list: string): Place | undefined {
    if (cursor === '') return undefined
    const [body = '', code = '', ...more] = cursor.split('.')
    const isOurs = keys.some(({ key }) => isSameText(code, codeOf(body, list, key)))
    if (!isOurs || more.length > 0) throw ValidationFailed({ errors: [foreignCursor] })
    const values: (string | number)[] = JSON.parse(Buffer.from(body, 'base64url').toString())
    return values.map((value) => (typeof value === 'number' ? new Date(value) : value))
  }

  return { seal, open }
}

const foreignCursor = {
  pointer: '/cursor',
  code: 'invalid_cursor',
  detail: 'Is not a cursor of this list: keep the sort and the filters that it was made with.',
}

function codeOf(body: string, list: string, key: Buffer): string {
  return createHmac('sha256', key).update(`${body}.${list}`).digest('base64url')
}
