import { once } from 'node:events'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Text } from '../../languages/text.ts'
import { ApiError } from '../../platform/errors/api-error.ts'
import {
  MalformedRequest,
  PayloadTooLarge,
  RequestTimeout,
  UnsupportedMediaType,
  ValidationFailed,
} from '../../platform/errors/table.ts'
import { siteOf } from '../../platform/network.ts'
import type { WhoIs } from '../hooks/access-log.ts'
import {
  FILE_LIMIT,
  SLOWEST_BODY,
  SLOWEST_FOR,
  UPLOAD_LIMIT,
  UPLOADS_BESIDE_WAITING,
} from '../limits.ts'
import { createPace, LOOK_MS } from './pace.ts'
import { createHeadWatch, parserLimits } from './part-heads.ts'
import { createUploadLimiter } from './upload-limiter.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The form, for the document only. */
    upload?: TSchema
  }
}

export type Upload = {
  bytes: Buffer
  /** Aborted when the client is gone or has its response. */
  signal: AbortSignal
}

type Receive = <Stored>(
  request: FastifyRequest,
  reply: FastifyReply,
  store: (upload: Upload) => Promise<Stored>,
) => Promise<Stored>

type Dependencies = {
  whoIs: WhoIs
  waitingPerUser: number
}

/** Apart from the call, since the parser's types lack `headerSize`. */
const limits = { parts: 1, fileSize: FILE_LIMIT, ...parserLimits }
/** Checks in a row without progress of the parser. */
const STILL_LOOKS = 4

/**
 * Lets the routes of this scope take only `multipart/form-data` (RFC 7578) with one file, `file`;
 * ignores its name and type.
 * @returns reads and stores the file. @throws ValidationFailed for another part or none,
 * PayloadTooLarge over 5 MiB, MalformedRequest for a broken body, RequestTimeout for a slow one,
 * RateLimited for too many uploads of one user, Overloaded for too many in all
 */
export async function acceptUploads(
  scope: FastifyInstance,
  dependencies: Dependencies,
): Promise<Receive> {
  scope.removeAllContentTypeParsers()
  await scope.register(multipart, {
    // A part without a file name is a file, too: the names are not used.
    isPartAFile: () => true,
    limits,
  })
  scope.addContentTypeParser('*', (_request, _body, done) => done(notMultipart()))
  const { begin, admit } = createUploadLimiter(dependencies.waitingPerUser + UPLOADS_BESIDE_WAITING)

  return async function receive(request, reply, store) {
    if (!request.isMultipart()) throw noFile()
    if (Number(request.headers['content-length'] ?? 0) > UPLOAD_LIMIT) throw tooLarge()
    const end = begin(dependencies.whoIs(request))
    const signal = whileAwaited(reply)
    try {
      const bytes = await admit(siteOf(request.ip), signal, (untilRefused) =>
        readBounded(request, untilRefused),
      )
      return await store({ bytes, signal })
    } finally {
      end()
    }
  }
}

async function readBounded(request: FastifyRequest, signal: AbortSignal): Promise<Buffer> {
  const { raw } = request
  // The parser would wait forever.
  if (raw.destroyed) throw cutOff()
  signal.throwIfAborted()
  // Connect the parser before the first listener makes the body flow.
  const file = readFile(request)
  const { refused, refusal, stop } = watch(request, signal)
  try {
    const bytes = await Promise.race([file, refusal])
    refused.throwIfAborted()
    return bytes
  } catch (error) {
    // The parser may fail because of the abort.
    throw problemOf(refused.aborted ? refused.reason : error)
  } finally {
    stop()
    // Discard the rest: the connection carries the next request.
    raw.unpipe()
    raw.resume()
  }
}

/**
 * Watches a body as it passes: aborts `refused` and rejects `refusal` when it is too large or slow,
 * part headers are too long, the client is gone, or the parser makes no progress.
 */
function watch({ raw, headers }: FastifyRequest, signal: AbortSignal) {
  const controller = new AbortController()
  const { signal: refused } = controller
  const refusal = once(refused, 'abort').then(() => Promise.reject(refused.reason))
  const lookAtHeads = createHeadWatch(headers['content-type'] ?? '')
  const isTooSlow = createPace()
  let [total, seen, still] = [0, 0, 0]
  const count = (chunk: Buffer) => {
    total += chunk.length
    if (total > UPLOAD_LIMIT) controller.abort(tooLarge())
    try {
      lookAtHeads(chunk)
    } catch (error) {
      controller.abort(error)
    }
  }
  const look = setInterval(() => {
    // Paused by the parser; the body of a slow client flows, though nothing comes.
    const isHeld = raw.isPaused() || raw.complete
    still = isHeld && total === seen ? still + 1 : 0
    if (still === STILL_LOOKS) controller.abort(new Error('the parser makes no progress'))
    if (!isHeld && isTooSlow(total - seen)) controller.abort(tooSlow())
    seen = total
  }, LOOK_MS)
  const giveUp = () => controller.abort(signal.reason)
  signal.addEventListener('abort', giveUp)
  raw.on('data', count)
  return {
    refused,
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

const byCode: Record<string, (cause: unknown) => ApiError> = {
  FST_PARTS_LIMIT: (cause) => otherPart(cause),
  FST_PROTO_VIOLATION: (cause) => otherPart(cause),
  FST_REQ_FILE_TOO_LARGE: (cause) => tooLarge(cause),
  FST_MP_PREMATURE_CLOSE: (cause) => cutOff(cause),
  ECONNRESET: (cause) => cutOff(cause),
}

function problemOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return byCode[code]?.(error) ?? malformed(error)
}

function notMultipart(): ApiError {
  return UnsupportedMediaType({ detail: ({ details }) => details.sendMultipart })
}

function tooLarge(cause?: unknown): ApiError {
  return PayloadTooLarge({
    detail: ({ details }) => details.fileTooLarge(FILE_LIMIT / 2 ** 20),
    cause,
  })
}

function tooSlow(): ApiError {
  const detail: Text = ({ details }) => details.tooSlow(SLOWEST_FOR / 1000, SLOWEST_BODY / 1024)
  return RequestTimeout({ detail, headers: { connection: 'close' } })
}

function cutOff(cause?: unknown): ApiError {
  return MalformedRequest({ detail: ({ details }) => details.cutOff, cause })
}

function malformed(cause: unknown): ApiError {
  return MalformedRequest({ detail: ({ details }) => details.notMultipart, cause })
}

function noFile(): ApiError {
  const detail: Text = ({ fields }) => fields.fileRequired
  return ValidationFailed({ errors: [{ pointer: '/file', code: 'required', detail }] })
}

function otherPart(cause?: unknown): ApiError {
  const detail: Text = ({ fields }) => fields.onlyFile
  return ValidationFailed({ errors: [{ pointer: '', code: 'unknown_field', detail }], cause })
}
