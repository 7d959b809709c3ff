import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { extname } from 'node:path'
import type { Text } from '../../languages/text.ts'
import type { ApiError } from '../errors/api-error.ts'
import {
  Overloaded,
  PayloadTooLarge,
  RateLimited,
  UnsupportedMediaType,
  ValidationFailed,
} from '../errors/table.ts'
import { createOwnerQueue } from '../queues/owner-queue.ts'
import {
  MAX_PIXELS,
  MAX_SIDE,
  type Picture,
  type PictureErrorCode,
  type PictureOutcome,
  type PictureTask,
  type PictureType,
} from './picture.ts'

/** The first twelve bytes, in hexadecimal. */
const signatures: Record<PictureType, RegExp> = {
  'image/jpeg': /^ffd8ff/,
  'image/png': /^89504e470d0a1a0a/,
  'image/webp': /^52494646.{8}57454250/,
}
const SIGNATURE_BYTES = 12
const DECODING_MS = 20_000
/** An idle process gives its memory back. */
const IDLE_MS = 60_000
const RETRY_SECONDS = 5

const PROGRAM = new URL(`decoder-process${extname(import.meta.url)}`, import.meta.url)

export type Images = ReturnType<typeof createImages>

type Options = {
  queueLength?: number
  waitingPerUser?: number
  limitMs?: number
}

type Client = {
  userId: string
  /** Where the user is: one person may have many accounts. */
  site?: string
  /** Leaves the queue; a decoding in progress continues. */
  signal?: AbortSignal
}

/**
 * Re-encodes untrusted files, one at a time, in a process with low priority and without secrets. It
 * is killed when a picture takes too long, since nothing interrupts a decoder.
 */
export function createImages(options: Options = {}) {
  const { queueLength = 16, waitingPerUser = 2, limitMs = DECODING_MS } = options
  const queue = createOwnerQueue({
    maxWaiting: queueLength,
    maxWaitingOfOwner: waitingPerUser,
    refuse: overloaded,
    refuseOwner: () => tooManyOf(waitingPerUser),
  })
  let decoder: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined

  /**
   * @throws UnsupportedMediaType, ValidationFailed, PayloadTooLarge for the picture; RateLimited or
   * Overloaded when too many wait; the reason of the signal
   */
  async function reencode(bytes: Buffer, { userId, ...terms }: Client): Promise<Picture> {
    const contentType = typeOf(bytes)
    const outcome = await queue.run(userId, () => decode({ bytes, contentType }), terms)
    if ('picture' in outcome) return outcome.picture
    throw refusals[outcome.error]()
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
    // A process that could not start emits no exit event.
    child.once('exit', forget).on('error', forget)
    if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    return child
  }

  function close(): void {
    clearTimeout(idle)
    decoder?.kill('SIGKILL')
    decoder = undefined
  }

  return { reencode, close }
}

/** Only a working decoder keeps the server's process alive. */
function keepAlive(child: ChildProcess, isAtWork: boolean): void {
  for (const handle of [child, child.channel]) isAtWork ? handle?.ref() : handle?.unref()
}

/** By the first bytes: names and types from clients mean nothing. */
function typeOf(bytes: Buffer): PictureType {
  const start = bytes.toString('hex', 0, SIGNATURE_BYTES)
  const types = Object.keys(signatures) as PictureType[]
  const type = types.find((candidate) => signatures[candidate].test(start))
  if (type) return type
  throw UnsupportedMediaType({ detail: ({ details }) => details.notAnImage })
}

/** Killed by the timeout, or crashed by the picture. */
function explainEnd([code, signal]: unknown[]): PictureOutcome {
  if (signal === 'SIGKILL') throw overloaded()
  const cause = new Error(`the decoder ended with ${signal ?? code}`)
  throw refusals.broken_image(cause)
}

const refusals: Record<PictureErrorCode, (cause?: Error) => ApiError> = {
  too_many_pixels: () =>
    invalid('too_many_pixels', ({ fields }) => fields.tooManyPixels(MAX_PIXELS / 1e6, MAX_SIDE)),
  broken_image: (cause) => invalid('broken_image', ({ fields }) => fields.brokenImage, cause),
  animated: () => UnsupportedMediaType({ detail: ({ details }) => details.animated }),
  too_large: () => PayloadTooLarge({ detail: ({ details }) => details.reencodedTooLarge }),
}

function invalid(code: PictureErrorCode, detail: Text, cause?: Error): ApiError {
  return ValidationFailed({ errors: [{ pointer: '/file', code, detail }], cause })
}

function tooManyOf(waitingPerUser: number): ApiError {
  const detail: Text = ({ details }) => details.photosWaiting(waitingPerUser)
  return RateLimited({ detail, headers: { 'retry-after': String(RETRY_SECONDS) } })
}

export function overloaded(): ApiError {
  return Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) } })
}
