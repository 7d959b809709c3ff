import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { MalformedRequest, UnsupportedMediaType } from '../../platform/errors/table.ts'
import { JSON_DEPTH, JSON_SIZE } from '../limits.ts'

/** Accepts only JSON, read strictly: UTF-8, no duplicate or prototype members, bounded. */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = utf8(request, body as Buffer)
    void parseJson(request, text, (error, value) => {
      done(error ?? issueOf(text, value) ?? null, value)
    })
  })
}

/** The text of a body; the parser ignores a byte order mark (RFC 8259 8.1). */
function utf8(request: FastifyRequest, bytes: Buffer): string {
  requireUtf8(request.headers['content-type'] ?? '')
  if (!isUtf8(bytes)) throw MalformedRequest({ detail: ({ details }) => details.notUtf8 })
  return bytes.toString('utf8')
}

function requireUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return
  throw UnsupportedMediaType({ detail: ({ details }) => details.sendUtf8 })
}

type Done = (error: Error | null, payload?: RequestPayload) => void

/**
 * Before the body is read: an empty one becomes none, a compressed one is refused. A chunked body
 * has no length, so this waits for its first bytes.
 */
export function prepareBody(request: FastifyRequest, payload: RequestPayload, done: Done): void {
  const { headers, method } = request
  const isChunked = headers['transfer-encoding'] !== undefined
  if (method === 'GET' || method === 'HEAD') return void done(null, payload)
  const settle = (error: Error | null, isEmpty: boolean) => {
    if (isEmpty) forgetBody(headers)
    done(error ?? (isEmpty ? null : encodingIssue(headers)), payload)
  }
  if (isChunked) whenBegun(payload, settle)
  else settle(null, Number(headers['content-length'] ?? 0) === 0)
}

type Headers = FastifyRequest['headers']

/** Without `delete`, which makes later reads of the headers slower. */
function forgetBody(headers: Headers): void {
  if (headers['content-type'] !== undefined) headers['content-type'] = undefined
  if (headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = undefined
}

function encodingIssue(headers: Headers): ApiError | null {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null
  return UnsupportedMediaType({ detail: ({ details }) => details.noContentEncoding })
}

/** Calls back once: at the first bytes, at an end without any, or when the body breaks off. */
function whenBegun(payload: RequestPayload, done: (error: Error | null, isEmpty: boolean) => void) {
  const settle = (error: Error | null, isEmpty: boolean) => () => {
    payload.off('readable', look).off('end', end).off('close', cutOff).off('error', cutOff)
    done(error, isEmpty)
  }
  const begin = settle(null, false)
  const end = settle(null, true)
  const cutOff = settle(MalformedRequest({ detail: ({ details }) => details.cutOff }), false)
  // Reading where nothing is left triggers the end.
  const look = () => void (payload.readableLength > 0 ? begin() : payload.read())
  payload.on('readable', look).on('end', end).on('close', cutOff).on('error', cutOff)
}

function issueOf(text: string, value: unknown): ApiError | undefined {
  const members = countMembers(value)
  if (typeof members !== 'number') return members
  // `JSON.parse` drops the first duplicate: then the text has more names than the value.
  if (countNames(text) === members) return undefined
  return MalformedRequest({ detail: ({ details }) => details.duplicateMember })
}

/** Counts all members; returns the error of a limit. By level, so depth overflows no stack. */
function countMembers(root: unknown): number | ApiError {
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

const tooDeep = () => MalformedRequest({ detail: ({ details }) => details.tooDeep(JSON_DEPTH) })

const tooLarge = () =>
  MalformedRequest({ detail: ({ details }) => details.tooManyMembers(JSON_SIZE) })

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Counts member names in valid JSON, where each string ends and matching takes linear time. */
function countNames(text: string): number {
  const strings = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g) ?? []
  return strings.filter((string) => string.endsWith(':')).length
}
