import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MalformedRequest, UnsupportedMediaType } from '../platform/error-table.ts'
import type { CodedError } from '../platform/errors.ts'
import { JSON_DEPTH, JSON_SIZE } from './limits.ts'

/**
 * Leaves JSON as the only kind of body, read strictly: UTF-8 without a mark, no member twice, no
 * `__proto__` or `constructor.prototype` at any depth, and bounds for depth and size. An empty body counts
 * as none, whatever Content-Type says.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0) return done(null, undefined)
    const text = utf8(request, bytes)
    // Fastify types a parser as one that may return a promise; this one calls back at once.
    void parseJson(request, text, (error, value) => {
      done(error ?? refusal(text, value) ?? null, value)
    })
  })
}

const BYTE_ORDER_MARK = '\ufeff'

/** The text of a body (RFC 8259 8.1). */
function utf8(request: FastifyRequest, bytes: Buffer): string {
  requireUtf8(request.headers['content-type'] ?? '')
  if (!isUtf8(bytes)) throw MalformedRequest({ detail: 'The body is not valid UTF-8.' })
  const text = bytes.toString('utf8')
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw MalformedRequest({ detail: 'The body begins with a byte order mark.' })
  }
  return text
}

function requireUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return
  throw UnsupportedMediaType({ detail: 'Send the body in UTF-8.' })
}

/** @throws unsupported_media_type for a compressed body: nothing here unpacks one */
export function refuseEncodedBody({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw UnsupportedMediaType({ detail: 'Send the body without Content-Encoding.' })
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
