import type { IncomingMessage } from 'node:http'
import { HeadersTooLarge, MalformedRequest, UriTooLong } from '../platform/error-table.ts'
import { HEADER_FIELDS, URL_LIMIT } from './limits.ts'

/**
 * Fields that a request has once. Node keeps the first and drops the others in silence, while a proxy or
 * a cache in front may have gone by the last.
 */
const single = new Set(['host', 'authorization', 'content-type'])
const singleLengths = new Set([...single].map((name) => name.length))

/**
 * Refuses a request by its first lines alone, before anything acts on them.
 * @throws UriTooLong, HeadersTooLarge, or MalformedRequest that names what is wrong
 */
export function requireReadableHead(request: IncomingMessage): void {
  const { url = '', rawHeaders } = request
  if (isTooLong(url)) throw UriTooLong()
  requireFewFields(rawHeaders)
  requireSingleFields(rawHeaders)
  requireHost(request)
}

export const isTooLong = (url: string) => url.length > URL_LIMIT

/**
 * The parser of query strings would leave a broken percent-encoding as it is.
 * @throws MalformedRequest
 */
export function requireReadableQuery(url: string): void {
  const start = url.indexOf('?')
  if (start < 0 || !url.includes('%', start)) return
  try {
    decodeURIComponent(url.slice(start))
  } catch (cause) {
    throw MalformedRequest({
      detail: 'The query string has a broken percent-encoding; write a percent sign as %25.',
      cause,
    })
  }
}

/**
 * Node has a limit ten times as high, and what is over it some of its versions drop in silence.
 * @param rawHeaders names and values in turn, as they came
 */
function requireFewFields(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > 2 * HEADER_FIELDS) {
    throw HeadersTooLarge({ detail: `A request has at most ${HEADER_FIELDS} header fields.` })
  }
}

function requireSingleFields(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] ?? ''
    // Most names are ruled out by their length, which costs less than their lower case.
    if (!singleLengths.has(field.length)) continue
    const name = field.toLowerCase()
    if (!single.has(name)) continue
    if (seen.has(name)) throw MalformedRequest({ detail: `The header ${name} comes twice.` })
    seen.add(name)
  }
}

/** RFC 9112 3.2 asks for Host from HTTP/1.1 on. Node takes HTTP/0.9, which has no answer like ours. */
function requireHost({ headers, httpVersion }: IncomingMessage): void {
  if (httpVersion === '1.0' || (httpVersion === '1.1' && headers.host !== undefined)) return
  const isModern = httpVersion === '1.1'
  throw MalformedRequest({
    detail: isModern ? 'The Host header is missing.' : 'The version of HTTP is too old.',
  })
}
