import formbody from '@fastify/formbody'
import { parse } from 'fast-querystring'
import type { FastifyInstance } from 'fastify'
import { MalformedRequest } from '../platform/error-table.ts'

const REPLACED = '\ufffd'

/**
 * Lets the routes of this scope take `application/x-www-form-urlencoded` too, so that a plain HTML
 * form works. A repeated field arrives as a list, which no schema here takes.
 */
export async function acceptForms(app: FastifyInstance): Promise<void> {
  await app.register(formbody, {
    parser: (text) => {
      if (!isReadable(text)) throw MalformedRequest({ detail: 'The form is not valid UTF-8.' })
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
