import type { IncomingMessage } from 'node:http'
import { HeadersTooLarge, MalformedRequest, UriTooLong } from '../../platform/errors/table.ts'
import { HEADER_FIELDS, URL_LIMIT } from '../limits.ts'

/** Fields allowed once: Node keeps the first, and a proxy in front may have used the last. */
const single = ['host', 'authorization', 'content-type']
/** The length rules out most names, and is cheaper than lower case. No two have the same. */
const singleOfLength: (string | undefined)[] = []
for (const name of single) singleOfLength[name.length] = name

/** Checks address and headers. @throws UriTooLong, HeadersTooLarge, MalformedRequest */
export function validateHead(request: IncomingMessage): void {
  const { url = '', rawHeaders } = request
  if (isTooLong(url)) throw UriTooLong()
  requireFewFields(rawHeaders)
  requireSingleFields(rawHeaders)
  requireHost(request)
}

export const isTooLong = (url: string) => url.length > URL_LIMIT

/** The query parser would keep a broken percent-encoding as it is. @throws MalformedRequest */
export function validateQuery(url: string): void {
  const start = url.indexOf('?')
  if (start < 0 || !url.includes('%', start)) return
  try {
    decodeURIComponent(url.slice(start))
  } catch (cause) {
    throw MalformedRequest({
      detail: ({ details }) => details.queryEncoding,
      cause,
    })
  }
}

/** Bounds names and values: Node's limit is ten times as high, and may silently drop the rest. */
function requireFewFields(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > 2 * HEADER_FIELDS) {
    throw HeadersTooLarge({ detail: ({ details }) => details.tooManyHeaders(HEADER_FIELDS) })
  }
}

function requireSingleFields(rawHeaders: readonly string[]): void {
  let seen = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] ?? ''
    const name = singleOfLength[field.length]
    if (name === undefined || field.toLowerCase() !== name) continue
    const bit = 1 << name.length
    if ((seen & bit) !== 0) {
      throw MalformedRequest({ detail: ({ details }) => details.headerTwice(name) })
    }
    seen |= bit
  }
}

/** RFC 9112 3.2 asks for Host from HTTP/1.1 on. Node takes HTTP/0.9, which has no headers. */
function requireHost({ headers, httpVersion }: IncomingMessage): void {
  if (httpVersion === '1.0' || (httpVersion === '1.1' && headers.host !== undefined)) return
  const isModern = httpVersion === '1.1'
  throw MalformedRequest({
    detail: ({ details }) => (isModern ? details.hostMissing : details.httpTooOld),
  })
}
