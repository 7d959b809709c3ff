import formbody from '@fastify/formbody'
import { parse } from 'fast-querystring'
import type { FastifyInstance } from 'fastify'
import { MalformedRequest } from '../platform/error-table.ts'
import { FORM_FIELDS } from './limits.ts'

const REPLACED = '\ufffd'

/**
 * Lets the routes of this scope take `application/x-www-form-urlencoded` too, so that a plain HTML
 * form works. A repeated field arrives as a list, which no schema here takes, and the object of the fields
 * has no prototype, so that `__proto__` is an unknown field like any other.
 */
export async function acceptForms(app: FastifyInstance): Promise<void> {
  await app.register(formbody, {
    parser: (text) => {
      if (!isReadable(text)) throw MalformedRequest({ detail: 'The form is not valid UTF-8.' })
      if (text.split('&', FORM_FIELDS + 1).length > FORM_FIELDS) {
        throw MalformedRequest({ detail: `The form has more than ${FORM_FIELDS} fields.` })
      }
      return parse(text)
    },
  })
}

/** Bytes that are no UTF-8 would all become the same character, and two passwords one. */
function isReadable(text: string): boolean {
  if (text.includes(REPLACED)) return false
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
