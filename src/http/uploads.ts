import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import {
  MalformedRequest,
  Overloaded,
  PayloadTooLarge,
  UnsupportedMediaType,
  ValidationFailed,
} from '../platform/error-table.ts'
import { CodedError } from '../platform/errors.ts'
import type { WhoIs } from './access-log.ts'
import {
  FILE_LIMIT,
  PART_HEADER_COUNT,
  PART_HEADER_LIMIT,
  UPLOAD_LIMIT,
  UPLOADS_AT_ONCE,
  UPLOADS_PER_USER,
} from './limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The form that the route receives, for the document; no schema validates what is streamed. */
    upload?: TSchema
  }
}

/** A file as it was sent, and whether anybody still waits for the answer. */
export type Upload = {
  bytes: Buffer
  /** Aborted once the client is gone or has its answer. */
  signal: AbortSignal
}

type Receive = (request: FastifyRequest, reply: FastifyReply) => Promise<Upload>

/** Apart from the call, since the types of the parser do not know its `headerSize`. */
const limits = {
  parts: 1,
  fileSize: FILE_LIMIT,
  headerPairs: PART_HEADER_COUNT,
  headerSize: PART_HEADER_LIMIT,
}
const RETRY_SECONDS = 2
/** How often the parser is looked at, and how many times in a row it may stand still. */
const [LOOK_MS, STILL_LOOKS] = [500, 4]

/**
 * Lets the routes of this scope take `multipart/form-data` (RFC 7578), and nothing else, with one file
 * in the part `file`. Its name and type are not looked at: both are the client's own idea.
 * @param whoIs names the user who uploads, since no user may keep all the others out
 * @returns what reads the file into memory, when a handler asks for it and not before. It throws
 *   ValidationFailed for another part or none, PayloadTooLarge for more than 5 MiB, MalformedRequest
 *   for a body that is cut off or no multipart, and Overloaded while too many uploads arrive at once, of
 *   this user or of all.
 */
export async function acceptUploads(scope: FastifyInstance, whoIs: WhoIs): Promise<Receive> {
  scope.removeAllContentTypeParsers()
  await scope.register(multipart, {
    // A part without a file name is a file, too: the names are not used.
    isPartAFile: () => true,
    limits,
  })
  scope.addContentTypeParser('*', (_request, _body, done) => done(notMultipart()))
  const enter = createEntrance()

  return async function receive(request, reply) {
    // Another type does not come this far, so there is no body.
    if (!request.isMultipart()) throw noFile()
    if (Number(request.headers['content-length'] ?? 0) > UPLOAD_LIMIT) throw tooLarge()
    const leave = enter(whoIs(request))
    const signal = whileAwaited(reply)
    try {
      return { bytes: await readBounded(request, signal), signal }
    } finally {
      leave()
    }
  }
}

/** Counts uploads under way; who enters must leave. @throws Overloaded */
function createEntrance() {
  const underWay: (string | undefined)[] = []
  return (user: string | undefined) => {
    const ofUser = underWay.filter((other) => other === user).length
    if (underWay.length >= UPLOADS_AT_ONCE || ofUser >= UPLOADS_PER_USER) {
      throw Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) } })
    }
    underWay.push(user)
    return () => void underWay.splice(underWay.indexOf(user), 1)
  }
}

/** The file, as long as the body keeps its limit, the parser goes on, and somebody waits for the answer. */
async function readBounded(request: FastifyRequest, signal: AbortSignal): Promise<Buffer> {
  const { raw } = request
  // Nothing more would happen to it, and the parser would wait for ever.
  if (raw.destroyed) throw cutOff()
  signal.throwIfAborted()
  // First, so that the parser is connected before the first listener makes the body flow.
  const file = readFile(request)
  const { refusal, stop } = watch(raw, signal)
  try {
    return await Promise.race([file, refusal])
  } catch (error) {
    throw problemOf(error)
  } finally {
    stop()
    // What is left is read and dropped, so that the connection can carry the next request.
    raw.unpipe()
    raw.resume()
  }
}

/**
 * Watches a body as it passes. `refusal` rejects when more than the limit comes, when nobody waits any
 * more, and when the parser takes no more of it: it waits for ever at a part without headers.
 */
function watch(raw: IncomingMessage, signal: AbortSignal) {
  const refused = new AbortController()
  const refusal = once(refused.signal, 'abort').then(() => Promise.reject(refused.signal.reason))
  let [total, seen, still] = [0, 0, 0]
  const count = (chunk: Buffer) => {
    total += chunk.length
    if (total > UPLOAD_LIMIT) refused.abort(tooLarge())
  }
  const look = setInterval(() => {
    // Paused by the parser; the body of a slow client flows, though nothing comes.
    const isHeld = raw.isPaused() || raw.readableEnded
    still = isHeld && total === seen ? still + 1 : 0
    seen = total
    if (still === STILL_LOOKS) refused.abort(new Error('the parser stands still'))
  }, LOOK_MS)
  const giveUp = () => refused.abort(signal.reason)
  signal.addEventListener('abort', giveUp)
  raw.on('data', count)
  return {
    refusal,
    stop() {
      clearInterval(look)
      signal.removeEventListener('abort', giveUp)
      raw.off('data', count)
    },
  }
}

async function readFile(request: FastifyRequest): Promise<Buffer> {
  let file: Buffer | undefined
  for await (const part of request.parts()) {
    if (part.type !== 'file' || part.fieldname !== 'file') throw otherPart()
    file = await part.toBuffer()
  }
  if (file === undefined) throw noFile()
  return file
}

function whileAwaited({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(cutOff())
  if (raw.destroyed) abort()
  else raw.once('close', abort)
  return controller.signal
}

const byCode: Record<string, (cause: unknown) => CodedError> = {
  FST_PARTS_LIMIT: (cause) => otherPart(cause),
  FST_PROTO_VIOLATION: (cause) => otherPart(cause),
  FST_REQ_FILE_TOO_LARGE: (cause) => tooLarge(cause),
  FST_MP_PREMATURE_CLOSE: (cause) => cutOff(cause),
  ECONNRESET: (cause) => cutOff(cause),
}

/** Most errors of the parser have no code; all of them are about what was sent. */
function problemOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return byCode[code]?.(error) ?? malformed(error)
}

function notMultipart(): CodedError {
  return UnsupportedMediaType({ detail: 'Send the file as multipart/form-data.' })
}

function tooLarge(cause?: unknown): CodedError {
  return PayloadTooLarge({ detail: `A file may have at most ${FILE_LIMIT / 2 ** 20} MiB.`, cause })
}

function cutOff(cause?: unknown): CodedError {
  return MalformedRequest({ detail: 'The request was cut off.', cause })
}

function malformed(cause: unknown): CodedError {
  return MalformedRequest({ detail: 'The body is not valid multipart/form-data.', cause })
}

function noFile(): CodedError {
  const detail = 'The form needs a part named file.'
  return ValidationFailed({ errors: [{ pointer: '/file', code: 'required', detail }] })
}

function otherPart(cause?: unknown): CodedError {
  const detail = 'The form takes one part, named file, and no other.'
  return ValidationFailed({ errors: [{ pointer: '', code: 'unknown_field', detail }], cause })
}
