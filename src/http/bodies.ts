import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MalformedRequest, UnsupportedMediaType } from '../platform/error-table.ts'

/**
 * Leaves JSON as the only kind of body, read strictly: UTF-8 without a mark, no member twice, no
 * `__proto__`. An empty body counts as none, whatever Content-Type says.
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
      if (error === null && repeatsMember(text, value)) return done(repeated())
      done(error, value)
    })
  })
}

const repeated = () => MalformedRequest({ detail: 'The body names a member of an object twice.' })

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

/**
 * Whether an object in the text names a member twice, which `JSON.parse` drops in silence: then the
 * text has more names than the value has members.
 * @param text valid JSON, so that each string in it has its end and matching takes linear time
 */
function repeatsMember(text: string, value: unknown): boolean {
  const strings = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g) ?? []
  const names = strings.filter((string) => string.endsWith(':')).length
  return names > 1 && names > countMembers(value)
}

/** The members of all the objects in a value of any depth. */
function countMembers(root: unknown): number {
  const open = [root]
  let members = 0
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const children = Object.values(value)
    if (!Array.isArray(value)) members += children.length
    for (const child of children) open.push(child)
  }
  return members
}
