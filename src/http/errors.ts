import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import {
  HeadersTooLarge,
  MalformedRequest,
  Overloaded,
  RequestTimeout,
} from '../platform/error-table.ts'
import type { CodedError } from '../platform/errors.ts'
import { noteProblem } from './access-log.ts'
import { toCodedError } from './error-map.ts'
import { BODY_LIMIT, UPLOAD_DRAIN_LIMIT } from './limits.ts'
import { type RenderedProblem, renderProblem } from './problem.ts'
import { isSchemaError, validationError } from './validation.ts'

type Needs = {
  /** Whether an error means that the database cannot be reached; it becomes 503 `unavailable`. */
  isUnavailable: (error: unknown) => boolean
  /** What the addresses of the server begin with. */
  basePath: string
}

/** The one place where errors become answers; see `error-table.ts` for what there is. */
export function createErrorRenderer({ isUnavailable, basePath }: Needs) {
  /** Answers a request with a problem. What was thrown goes to the log and nowhere else. */
  function render(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = isSchemaError(thrown)
      ? validationError(thrown, request)
      : toCodedError(thrown, isUnavailable)
    noteProblem(reply, error)
    log(error, request)
    const { status, headers, body } = renderProblem(error, request.id, basePath)
    if (hasUnreadFlood(request)) reply.header('connection', 'close')
    return reply.code(status).headers(headers).send(body)
  }
  return render
}

function log(error: CodedError, request: FastifyRequest): void {
  const { code, status } = error.kind
  const facts = { requestId: request.id, code }
  if (error.kind === Overloaded.kind) request.log.warn(facts, error.message)
  else if (status >= 500) request.log.error({ ...facts, err: error.cause ?? error }, error.message)
  else request.log.debug({ ...facts, cause: causeCode(error.cause) }, error.message)
}

/** The texts of libraries may repeat what was sent; their codes do not. */
function causeCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/**
 * A refused body of unknown or excessive size is not worth reading for the sake of the connection. A
 * photo is: while they send, many clients do not see an answer, and a photo too large is common.
 */
function hasUnreadFlood({ raw, headers, routeOptions }: FastifyRequest): boolean {
  if (raw.complete) return false
  const worthReading = routeOptions.config?.upload ? UPLOAD_DRAIN_LIMIT : BODY_LIMIT
  return (
    headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > worthReading
  )
}

/** Closing at once would reset the connection, and the client might lose the answer (RFC 9112 9.6). */
const LINGER_MS = 1000

const socketErrors: Record<string, () => CodedError> = {
  HPE_HEADER_OVERFLOW: () => HeadersTooLarge(),
  ERR_HTTP_REQUEST_TIMEOUT: () => RequestTimeout(),
}

/**
 * Answers what Node's parser refuses before there is a request (RFC 9112 2.2), and hangs up.
 * @param makeId the maker of request ids
 * @param standing headers that every answer has
 * @param basePath what the addresses of the server begin with
 */
export function createClientErrorHandler(
  makeId: () => string,
  standing: Record<string, string>,
  basePath: string,
) {
  return function onClientError(
    this: { log: FastifyBaseLogger },
    thrown: Error & { code?: string },
    socket: Duplex,
  ): void {
    // What still arrives on a connection that has its answer breaks the parser again and again.
    if (socket.writableEnded) return
    if (thrown.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const error = socketErrors[thrown.code ?? '']?.() ?? MalformedRequest()
    const id = makeId()
    this.log.debug({ requestId: id, code: error.kind.code, cause: thrown.code }, error.message)
    socket.end(rawAnswer(error.kind.title, renderProblem(error, id, basePath), standing))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }
}

/** An answer that has begun cannot be followed by another one for the same request. */
function isAnswering(socket: Duplex): boolean {
  const message = (socket as { _httpMessage?: { headersSent?: boolean } | null })._httpMessage
  return message?.headersSent === true
}

function rawAnswer(
  title: string,
  { status, headers, body }: RenderedProblem,
  standing: Record<string, string>,
): string {
  const all = {
    date: new Date().toUTCString(),
    ...standing,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${title}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
