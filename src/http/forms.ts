import { isUtf8 } from 'node:buffer'
import { Busboy } from '@fastify/busboy'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MalformedRequest, ValidationFailed } from '../platform/error-table.ts'
import type { CodedError } from '../platform/errors.ts'
import { FORM_FIELDS, PART_HEADER_COUNT, PART_HEADER_LIMIT } from './limits.ts'

export const URLENCODED = 'application/x-www-form-urlencoded'
export const MULTIPART = 'multipart/form-data'

/** Fields of OAuth 2 clients and submit buttons of HTML, which say nothing to a route. */
export const PASSED_OVER = ['client_id', 'client_secret', 'scope', 'submit', 'commit']

export type FormOptions = {
  /** The `grant_type` that an OAuth 2 client may send to the routes (RFC 6749). */
  grantType?: string
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes forms beside JSON; what they may hold more. */
    form?: FormOptions
  }
}

/** A form as it came; a field that is repeated has a list. */
type Form = Record<string, unknown>
type Field = [name: string, value: unknown]

/**
 * Lets the routes of this scope take forms too, so that a plain HTML form and an OAuth 2 client work:
 * `application/x-www-form-urlencoded`, and `multipart/form-data` without files. They are held to the
 * schema of the route, whose strings take neither a file nor the list of a repeated field.
 */
export function acceptForms(scope: FastifyInstance, options: FormOptions = {}): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, form: options }
  })
  const asBuffer = { parseAs: 'buffer' } as const
  const parseUrlencoded = async (request: FastifyRequest, body: Buffer) =>
    tidied(readUrlencoded(body), request)
  const parseMultipart = async (request: FastifyRequest, body: Buffer) =>
    tidied(await readMultipart(body, request.headers['content-type'] ?? ''), request)
  scope.addContentTypeParser(URLENCODED, asBuffer, parseUrlencoded)
  scope.addContentTypeParser(MULTIPART, asBuffer, parseMultipart)
}

/** @throws MalformedRequest */
export function readUrlencoded(bytes: Buffer): Form {
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes) || !isReadable(text)) throw notUtf8()
  return formOf([...new URLSearchParams(text)])
}

/**
 * A file in the form is a field whose value is no text.
 * @param type the Content-Type with its boundary
 * @throws MalformedRequest
 */
export async function readMultipart(bytes: Buffer, type: string): Promise<Form> {
  if (!isUtf8(bytes)) throw notUtf8()
  const fields = await partsOf(bytes, type).catch((cause) => {
    throw MalformedRequest({ detail: 'The body is not valid multipart/form-data.', cause })
  })
  return formOf(fields)
}

/** Apart from the call, since the types of the parser do not know its `headerSize`. */
const limits = { headerPairs: PART_HEADER_COUNT, headerSize: PART_HEADER_LIMIT }
/** What is in memory is parsed at once; of some broken forms the parser says nothing at all. */
const PARSE_MS = 1000

function partsOf(bytes: Buffer, type: string): Promise<Field[]> {
  return new Promise((resolve, reject) => {
    const fields: Field[] = []
    const parser = new Busboy({ headers: { 'content-type': type }, limits })
    const silence = setTimeout(() => reject(new Error('the parser stands still')), PARSE_MS)
    parser.on('field', (name, value) => fields.push([String(name), value]))
    parser.on('file', (name, file) => fields.push([String(name), file.resume()]))
    parser.once('error', reject)
    parser.once('finish', () => resolve(fields))
    parser.once('close', () => clearTimeout(silence))
    parser.end(bytes)
  })
}

const notUtf8 = () => MalformedRequest({ detail: 'The form is not valid UTF-8.' })

/** Bytes that are no UTF-8 would all become the same character, and two passwords one. */
function isReadable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** An object without a prototype, so that `__proto__` is an unknown field like any other. */
function formOf(fields: Field[]): Form {
  if (fields.length > FORM_FIELDS) {
    throw MalformedRequest({ detail: `The form has more than ${FORM_FIELDS} fields.` })
  }
  const form: Form = Object.create(null)
  for (const [name, value] of fields) {
    form[name] = name in form ? [form[name], value].flat() : value
  }
  return form
}

type BodySchema = { properties?: object; required?: readonly string[] }

/** The form without what is passed over and without optional fields that are empty. */
function tidied(form: Form, { routeOptions }: FastifyRequest): Form {
  const { properties = {}, required = [] } = (routeOptions.schema?.body ?? {}) as BodySchema
  takeGrantType(form, routeOptions.config.form?.grantType)
  const extra = PASSED_OVER.filter((name) => !(name in properties))
  const empty = Object.keys(properties).filter(
    (name) => form[name] === '' && !required.includes(name),
  )
  for (const name of [...extra, ...empty]) delete form[name]
  return form
}

function takeGrantType(form: Form, wanted: string | undefined): void {
  if (wanted === undefined) return
  const { grant_type: asked = wanted } = form
  if (asked !== wanted && asked !== '') throw otherGrant(wanted)
  delete form.grant_type
}

/** The other fields are those of another request, so their faults would say nothing. */
function otherGrant(grantType: string): CodedError {
  const detail = `Must be ${grantType}.`
  return ValidationFailed({ errors: [{ pointer: '/grant_type', code: 'not_allowed', detail }] })
}
