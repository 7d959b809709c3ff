import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { extname } from 'node:path'
import pLimit from 'p-limit'
import {
  Overloaded,
  PayloadTooLarge,
  UnsupportedMediaType,
  ValidationFailed,
} from './error-table.ts'
import type { CodedError } from './errors.ts'
import {
  MAX_PIXELS,
  MAX_SIDE,
  type Picture,
  type PictureFault,
  type PictureOutcome,
  type PictureTask,
  type PictureType,
} from './pictures.ts'

/** How files begin (the first twelve bytes, in hexadecimal digits). */
const signatures: Record<PictureType, RegExp> = {
  'image/jpeg': /^ffd8ff/,
  'image/png': /^89504e470d0a1a0a/,
  'image/webp': /^52494646.{8}57454250/,
}
const SIGNATURE_BYTES = 12
const DECODING_MS = 20_000
/** A process that has nothing to do gives its memory back. */
const IDLE_MS = 60_000
const RETRY_SECONDS = 5

const PROGRAM = new URL(`image-decoder${extname(import.meta.url)}`, import.meta.url)

export type Images = ReturnType<typeof createImages>

type Options = {
  /** How many may wait before the rest is refused; 16 by default. */
  queueLength?: number
  /** How long one may take, in milliseconds; 20 s by default. */
  limitMs?: number
}

/**
 * Turns files from strangers into pictures of our own making. It happens one at a time in a process
 * of its own, which has none of the server's secrets, gives way to the server, and is ended when a
 * picture takes too long: nothing interrupts a decoder from inside.
 */
export function createImages({ queueLength = 16, limitMs = DECODING_MS }: Options = {}) {
  const limit = pLimit(1)
  let decoder: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined

  /**
   * @param bytes a whole file
   * @param signal looked at once the turn comes: nothing is decoded then if it is aborted
   * @throws UnsupportedMediaType when it begins like no format of ours; ValidationFailed with the code
   *   too_many_pixels, by the header alone, or broken_image; PayloadTooLarge when the outcome is;
   *   Overloaded when too many wait or it takes too long; the reason of the signal
   */
  async function reencode(bytes: Buffer, signal?: AbortSignal): Promise<Picture> {
    const contentType = typeOf(bytes)
    if (limit.pendingCount >= queueLength) throw overloaded()
    const outcome = await limit(() => {
      signal?.throwIfAborted()
      return decode({ bytes, contentType })
    })
    if ('picture' in outcome) return outcome.picture
    throw refusals[outcome.fault]()
  }

  async function decode(task: PictureTask): Promise<PictureOutcome> {
    clearTimeout(idle)
    decoder ??= start()
    const child = decoder
    const settled = new AbortController()
    const { signal } = settled
    const late = setTimeout(close, limitMs)
    keepAlive(child, true)
    try {
      const answer = once(child, 'message', { signal })
      const end = once(child, 'exit', { signal })
      child.send(task)
      return await Promise.race([answer.then(([outcome]) => outcome), end.then(explainEnd)])
    } finally {
      settled.abort()
      clearTimeout(late)
      keepAlive(child, false)
      idle = setTimeout(close, IDLE_MS).unref()
    }
  }

  function start(): ChildProcess {
    const child = fork(PROGRAM, { env: {}, serialization: 'advanced', stdio: 'ignore' })
    const forget = () => {
      if (decoder === child) decoder = undefined
    }
    // A process that could not be started, or not be spoken to, has no exit; the next one may work.
    child.once('exit', forget).on('error', forget)
    if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    return child
  }

  /** Ends the process; another one is started when it is needed. */
  function close(): void {
    clearTimeout(idle)
    decoder?.kill('SIGKILL')
    decoder = undefined
  }

  return { reencode, close }
}

/** A decoder at work keeps the server's process alive, an idle one does not. */
function keepAlive(child: ChildProcess, isAtWork: boolean): void {
  for (const handle of [child, child.channel]) isAtWork ? handle?.ref() : handle?.unref()
}

/** Decided by the first bytes: names and types that clients give mean nothing. */
function typeOf(bytes: Buffer): PictureType {
  const start = bytes.toString('hex', 0, SIGNATURE_BYTES)
  const types = Object.keys(signatures) as PictureType[]
  const type = types.find((candidate) => signatures[candidate].test(start))
  if (type) return type
  throw UnsupportedMediaType({ detail: 'The file is neither a JPEG nor a PNG nor a WebP image.' })
}

/** The process was ended for its time, or it died of the picture. */
function explainEnd([code, signal]: unknown[]): PictureOutcome {
  if (signal === 'SIGKILL') throw overloaded()
  const cause = new Error(`the decoder ended with ${signal ?? code}`)
  throw refusals.broken_image(cause)
}

const refusals: Record<PictureFault, (cause?: Error) => CodedError> = {
  too_many_pixels: () =>
    invalid(
      'too_many_pixels',
      `An image may have at most ${MAX_PIXELS / 1e6} megapixels, and ${MAX_SIDE} pixels on a side.`,
    ),
  broken_image: (cause) => invalid('broken_image', 'The image is broken or cut off.', cause),
  too_large: () => PayloadTooLarge({ detail: 'Encoded anew, the image is larger than 20 MiB.' }),
}

function invalid(code: PictureFault, detail: string, cause?: Error): CodedError {
  return ValidationFailed({ errors: [{ pointer: '/file', code, detail }], cause })
}

function overloaded(): CodedError {
  return Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) } })
}
