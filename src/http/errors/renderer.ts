import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { catalogues } from '../../languages/languages.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import {
  HeadersTooLarge,
  MalformedRequest,
  Overloaded,
  RequestTimeout,
} from '../../platform/errors/table.ts'
import { type Languages, textsIn } from '../headers/accept-language.ts'
import { noteProblem } from '../hooks/access-log.ts'
import { BODY_LIMIT, UPLOAD_DRAIN_LIMIT } from '../limits.ts'
import { traceIdsOf } from '../trace-ids.ts'
import { isSchemaError, validationError } from '../validation/ajv.ts'
import { toApiError } from './map.ts'
import { type RenderedProblem, renderProblem } from './problem.ts'

type Dependencies = {
  isUnavailable: (error: unknown) => boolean
  basePath: string
  languages: Languages
}

export function createErrorRenderer({ isUnavailable, basePath, languages }: Dependencies) {
  /** Answers with a problem. What was thrown is logged and nothing else. */
  function render(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = isSchemaError(thrown)
      ? validationError(thrown, request)
      : toApiError(thrown, isUnavailable)
    noteProblem(reply, error)
    log(error, request)
    const texts = textsIn(languages.of(request.headers['accept-language']), reply)
    const given = { requestId: request.id, basePath, texts }
    const { status, headers, body } = renderProblem(error, given)
    if (hasUnreadFlood(request)) reply.header('connection', 'close')
    return reply.code(status).headers(headers).send(body)
  }
  return render
}

function log(error: ApiError, request: FastifyRequest): void {
  const { code, status } = error.definition
  const facts = { requestId: request.id, ...traceIdsOf(request), code }
  // The server is well: it is busy, or somebody else is away, which has a line of its own.
  const isExpected = Overloaded.is(error) || (status === 503 && error.cause === undefined)
  if (isExpected) request.log.warn(facts, error.message)
  else if (status >= 500) request.log.error({ ...facts, err: error.cause ?? error }, error.message)
  else request.log.debug({ ...facts, cause: causeCode(error.cause) }, error.message)
}

/** The texts of libraries may repeat what was sent; their codes do not. */
function causeCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/**
 * Whether to close the connection rather than read a refused body to its end. Photos are read
 * further, since many clients see no response while they send.
 */
function hasUnreadFlood({ raw, headers, routeOptions }: FastifyRequest): boolean {
  if (raw.complete) return false
  const worthReading = routeOptions.config?.upload ? UPLOAD_DRAIN_LIMIT : BODY_LIMIT
  return (
    headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > worthReading
  )
}

/** Closing at once would reset the connection before the client reads (RFC 9112 9.6). */
const LINGER_MS = 1000

type ClientErrors = Pick<Dependencies, 'basePath' | 'languages'> & {
  makeId: () => string
  defaultHeaders: Record<string, string>
}

const socketErrors: Record<string, () => ApiError> = {
  HPE_HEADER_OVERFLOW: () => HeadersTooLarge(),
  ERR_HTTP_REQUEST_TIMEOUT: () => RequestTimeout(),
}

/**
 * Answers what Node's parser refuses before there is a request (RFC 9112 2.2), and hangs up; in
 * the default language, since it has no headers.
 */
export function createClientErrorHandler({ makeId, basePath, ...more }: ClientErrors) {
  const { standard } = more.languages
  const texts = catalogues[standard]
  const headers = { ...more.defaultHeaders, 'content-language': standard }

  return function onClientError(
    this: { log: FastifyBaseLogger },
    thrown: Error & { code?: string },
    socket: Duplex,
  ): void {
    // Later data on a connection with its response fails in the parser again.
    if (socket.writableEnded) return
    if (thrown.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const error = socketErrors[thrown.code ?? '']?.() ?? MalformedRequest()
    const id = makeId()
    this.log.debug(
      { requestId: id, code: error.definition.code, cause: thrown.code },
      error.message,
    )
    const { status } = error.definition
    const rendered = renderProblem(error, { requestId: id, basePath, texts })
    const standing = { ...headers, 'x-request-id': id }
    socket.end(rawAnswer(STATUS_CODES[status] ?? '', rendered, standing))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }
}

function isAnswering(socket: Duplex): boolean {
  const message = (socket as { _httpMessage?: { headersSent?: boolean } | null })._httpMessage
  return message?.headersSent === true
}

function rawAnswer(
  phrase: string,
  { status, headers, body }: RenderedProblem,
  defaultHeaders: Record<string, string>,
): string {
  const all = {
    date: new Date().toUTCString(),
    ...defaultHeaders,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
