import { isUtf8 } from 'node:buffer'
import { Busboy } from '@fastify/busboy'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Text } from '../../languages/text.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { MalformedRequest, ValidationFailed } from '../../platform/errors/table.ts'
import { FORM_FIELDS } from '../limits.ts'
import { createHeadWatch, parserLimits } from './part-heads.ts'

export const URLENCODED = 'application/x-www-form-urlencoded'
export const MULTIPART = 'multipart/form-data'

/** Ignored: fields of OAuth 2 clients and submit buttons of HTML. */
export const PASSED_OVER = ['client_id', 'client_secret', 'scope', 'submit', 'commit']

export type FormOptions = {
  /** The `grant_type` that an OAuth 2 client may send to the routes (RFC 6749). */
  grantType?: string
}

declare module 'fastify' {
  interface FastifyContextConfig {
    form?: FormOptions
  }
}

/** Repeated fields become a list. */
type Form = Record<string, unknown>
type Field = [name: string, value: unknown]

/**
 * Lets the routes of this scope also take `application/x-www-form-urlencoded` and
 * `multipart/form-data` without files. Their schemas refuse files and repeated fields.
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

/** A file becomes a field that is not text. @throws MalformedRequest */
export async function readMultipart(bytes: Buffer, type: string): Promise<Form> {
  if (!isUtf8(bytes)) throw notUtf8()
  createHeadWatch(type)(bytes)
  const fields = await partsOf(bytes, type).catch((cause) => {
    throw MalformedRequest({ detail: ({ details }) => details.notMultipart, cause })
  })
  return formOf(fields)
}

/** Timeout of the parser, which never ends for some broken forms, in ms. */
const PARSE_MS = 1000

function partsOf(bytes: Buffer, type: string): Promise<Field[]> {
  return new Promise((resolve, reject) => {
    const fields: Field[] = []
    const parser = new Busboy({ headers: { 'content-type': type }, limits: parserLimits })
    const silence = setTimeout(() => reject(new Error('the parser makes no progress')), PARSE_MS)
    parser.on('field', (name, value) => fields.push([String(name), value]))
    parser.on('file', (name, file) => fields.push([String(name), file.resume()]))
    parser.once('error', reject)
    parser.once('finish', () => resolve(fields))
    parser.once('close', () => clearTimeout(silence))
    parser.end(bytes)
  })
}

const notUtf8 = () => MalformedRequest({ detail: ({ details }) => details.formNotUtf8 })

/** Invalid UTF-8 would all decode to one character, and make two passwords equal. */
function isReadable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Without a prototype, so that `__proto__` is an unknown field like any other. */
function formOf(fields: Field[]): Form {
  if (fields.length > FORM_FIELDS) {
    throw MalformedRequest({ detail: ({ details }) => details.tooManyFields(FORM_FIELDS) })
  }
  const form: Form = Object.create(null)
  for (const [name, value] of fields) {
    form[name] = name in form ? [form[name], value].flat() : value
  }
  return form
}

type BodySchema = { properties?: object; required?: readonly string[] }

/** Drops ignored fields and empty optional ones. */
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

/** The other fields belong to another grant, so their issues would mislead. */
function otherGrant(grantType: string): ApiError {
  const detail: Text = ({ fields }) => fields.mustBe(grantType)
  return ValidationFailed({ errors: [{ pointer: '/grant_type', code: 'not_allowed', detail }] })
}
