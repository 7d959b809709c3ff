import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify'
import { MalformedRequest, UnsupportedMediaType } from '../platform/error-table.ts'
import type { CodedError } from '../platform/errors.ts'
import { JSON_DEPTH, JSON_SIZE } from './limits.ts'

/**
 * Leaves JSON as the only kind of body, read strictly: UTF-8, no member twice, no `__proto__` or
 * `constructor.prototype` at any depth, and bounds for depth and size.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = utf8(request, body as Buffer)
    // Fastify types a parser as one that may return a promise; this one calls back at once.
    void parseJson(request, text, (error, value) => {
      done(error ?? refusal(text, value) ?? null, value)
    })
  })
}

/** The text of a body; the parser passes over a byte order mark before it (RFC 8259 8.1). */
function utf8(request: FastifyRequest, bytes: Buffer): string {
  requireUtf8(request.headers['content-type'] ?? '')
  if (!isUtf8(bytes)) throw MalformedRequest({ detail: 'The body is not valid UTF-8.' })
  return bytes.toString('utf8')
}

function requireUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return
  throw UnsupportedMediaType({ detail: 'Send the body in UTF-8.' })
}

type Done = (error: Error | null, payload?: RequestPayload) => void

/**
 * Before a body is read: one of no bytes becomes no body, whatever the headers say of its type and
 * encoding, and a compressed one is refused, since nothing here unpacks it. A chunked body says nothing of
 * its length, so its first bytes are waited for.
 */
export function prepareBody(request: FastifyRequest, payload: RequestPayload, done: Done): void {
  const { headers, method } = request
  const isChunked = headers['transfer-encoding'] !== undefined
  // Nobody reads the body of these.
  if (method === 'GET' || method === 'HEAD') return void done(null, payload)
  const settle = (error: Error | null, isEmpty: boolean) => {
    if (isEmpty) forgetBody(headers)
    done(error ?? (isEmpty ? null : encodingFault(headers)), payload)
  }
  if (isChunked) whenBegun(payload, settle)
  else settle(null, Number(headers['content-length'] ?? 0) === 0)
}

type Headers = FastifyRequest['headers']

/** Not by `delete`, which makes every later look at the headers slower. */
function forgetBody(headers: Headers): void {
  if (headers['content-type'] !== undefined) headers['content-type'] = undefined
  if (headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = undefined
}

function encodingFault(headers: Headers): CodedError | null {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null
  return UnsupportedMediaType({ detail: 'Send the body without Content-Encoding.' })
}

/** Calls back once: when the first bytes are there, when the body ends without any, or when it breaks off. */
function whenBegun(payload: RequestPayload, done: (error: Error | null, isEmpty: boolean) => void) {
  const settle = (error: Error | null, isEmpty: boolean) => () => {
    payload.off('readable', look).off('end', end).off('close', cutOff).off('error', cutOff)
    done(error, isEmpty)
  }
  const begin = settle(null, false)
  const end = settle(null, true)
  const cutOff = settle(MalformedRequest({ detail: 'The request was cut off.' }), false)
  // To read where nothing is left brings the end about.
  const look = () => void (payload.readableLength > 0 ? begin() : payload.read())
  payload.on('readable', look).on('end', end).on('close', cutOff).on('error', cutOff)
}

/** What is wrong with JSON that is valid. @param value what the text says */
function refusal(text: string, value: unknown): CodedError | undefined {
  const members = countMembers(value)
  if (typeof members !== 'number') return members
  // `JSON.parse` drops the first of two in silence: then the text has more names than the value has members.
  if (countNames(text) === members) return undefined
  return MalformedRequest({ detail: 'The body names a member of an object twice.' })
}

/**
 * The members of all the objects in a value, or the limit that it breaks. It counts level by level, so
 * that no depth overflows the stack.
 */
function countMembers(root: unknown): number | CodedError {
  let [members, size] = [0, 0]
  let level = [root].filter(isContainer)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > JSON_DEPTH) return tooDeep()
    const below: object[] = []
    for (const container of level) {
      const children: unknown[] = Object.values(container)
      if (!Array.isArray(container)) members += children.length
      size += children.length
      below.push(...children.filter(isContainer))
    }
    if (size > JSON_SIZE) return tooLarge()
    level = below
  }
  return members
}

const tooDeep = () => MalformedRequest({ detail: `The body is deeper than ${JSON_DEPTH} levels.` })

const tooLarge = () =>
  MalformedRequest({ detail: `The body has more than ${JSON_SIZE} members and elements.` })

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * The names of members in the text, each as often as it is there.
 * @param text valid JSON, so that each string in it has its end and matching takes linear time
 */
function countNames(text: string): number {
  const strings = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g) ?? []
  return strings.filter((string) => string.endsWith(':')).length
}
