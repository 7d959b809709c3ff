import type { MasterSecrets } from '../crypto/master-secret.ts'
import { createTextSigner } from '../crypto/signed-text.ts'
import type { Issue } from '../errors/api-error.ts'
import { ValidationFailed } from '../errors/table.ts'
import type { Position } from './keyset.ts'

export type Cursors = ReturnType<typeof createCursors>

/** Cursors of lists: a position, signed together with its list. */
export function createCursors(secrets: MasterSecrets) {
  const { codeFor, isCodeFor } = createTextSigner(secrets.deriveKeys('latchkey list cursors'))

  /** @param list who reads, what, how sorted and filtered @returns null without a position */
  function seal(position: Position | undefined, list: string): string | null {
    if (position === undefined) return null
    // A date as a number, to read it without knowing the columns.
    const values = position.map((value) => (value instanceof Date ? value.getTime() : value))
    const body = Buffer.from(JSON.stringify(values)).toString('base64url')
    return `${body}.${codeFor(`${body}.${list}`)}`
  }

  /** @param cursor empty at the start @throws ValidationFailed for a cursor of another list */
  function open(cursor: string, list: string): Position | undefined {
    if (cursor === '') return undefined
    const [body = '', code = '', ...more] = cursor.split('.')
    const isOurs = isCodeFor(code, `${body}.${list}`) && more.length === 0
    if (!isOurs) throw ValidationFailed({ errors: [foreignCursor] })
    const values: (string | number)[] = JSON.parse(Buffer.from(body, 'base64url').toString())
    return values.map((value) => (typeof value === 'number' ? new Date(value) : value))
  }

  return { seal, open }
}

const foreignCursor: Issue = {
  pointer: '/cursor',
  code: 'invalid_cursor',
  detail: ({ fields }) => fields.foreignCursor,
}
