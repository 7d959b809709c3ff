import pLimit from 'p-limit'
import sharp, { type Sharp } from 'sharp'
import {
  Overloaded,
  PayloadTooLarge,
  UnsupportedMediaType,
  ValidationFailed,
} from './error-table.ts'
import type { CodedError } from './errors.ts'
import { countScans, withoutTexts } from './image-structure.ts'

/** What pictures are taken and stored as, with the usual ending of a file name. */
export const pictureTypes = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
} as const

export type PictureType = keyof typeof pictureTypes

/** A picture as it is stored: upright, sRGB, without metadata. */
export type Picture = { bytes: Buffer; contentType: PictureType; width: number; height: number }

type Format = {
  contentType: PictureType
  /** How a file of this kind begins, in hexadecimal digits. */
  signature: RegExp
  /** Takes out or refuses what would cost much more than the pixels. */
  defuse: (bytes: Buffer) => Buffer
  encode: (image: Sharp) => Sharp
}

/**
 * At these settings 40 megapixels take 0.5 to 3.5 s of one core. More effort costs several times that
 * for a few percent: 12 s for WebP at 4, its default, and 3 s for JPEG by MozJPEG.
 */
const formats: Format[] = [
  {
    contentType: 'image/jpeg',
    signature: /^ffd8ff/,
    defuse: requireFewScans,
    encode: (image) => image.jpeg({ quality: 85 }),
  },
  {
    contentType: 'image/png',
    signature: /^89504e470d0a1a0a/,
    defuse: withoutTexts,
    encode: (image) => image.png({ compressionLevel: 6, adaptiveFiltering: true }),
  },
  {
    contentType: 'image/webp',
    signature: /^52494646.{8}57454250/,
    defuse: (bytes) => bytes,
    encode: (image) => image.webp({ quality: 85, effort: 2 }),
  },
]
const SIGNATURE_BYTES = 12

const MAX_PIXELS = 40_000_000
const MAX_SCANS = 100
/** A small file can become a large one, when it was packed in a way that encoding does not repeat. */
const MAX_STORED_BYTES = 20 * 1024 * 1024
const DECODING_SECONDS = 20
const RETRY_SECONDS = 5

/** The only code of libvips that sees what clients send. */
const loaders = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
]

export type Images = ReturnType<typeof createImages>

/**
 * Turns files from strangers into pictures of our own making. One at a time, on one core and beside
 * the event loop, so that large ones hold up nobody but each other; a short queue waits.
 * @param queueLength how many may wait before the rest is refused
 */
export function createImages(queueLength = 16) {
  const limit = pLimit(1)
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })

  /**
   * Decodes a file and encodes it anew in the same format: upright by its EXIF orientation, in sRGB,
   * without any metadata and without what else a file can hide. Of an animation, the first frame.
   * @param bytes a whole file
   * @param signal ends the wait for the turn
   * @throws UnsupportedMediaType when it begins like no format of ours; ValidationFailed with the code
   *   too_many_pixels, by the header alone, or broken_image; PayloadTooLarge when the outcome is;
   *   Overloaded when too many wait or decoding takes too long; the reason of the signal
   */
  async function reencode(bytes: Buffer, signal?: AbortSignal): Promise<Picture> {
    const format = formatOf(bytes)
    const image = format.defuse(bytes)
    await requireFewPixels(image)
    if (limit.pendingCount >= queueLength) throw overloaded()
    return limit(() => {
      signal?.throwIfAborted()
      return encodeAnew(image, format)
    })
  }

  return { reencode }
}

/** Decided by the first bytes: names and types that clients give mean nothing. */
function formatOf(bytes: Buffer): Format {
  const start = bytes.toString('hex', 0, SIGNATURE_BYTES)
  const format = formats.find(({ signature }) => signature.test(start))
  if (format) return format
  throw UnsupportedMediaType({ detail: 'The file is neither a JPEG nor a PNG nor a WebP image.' })
}

function requireFewScans(jpeg: Buffer): Buffer {
  if (countScans(jpeg) > MAX_SCANS) throw fault('broken_image', 'The image has too many scans.')
  return jpeg
}

async function requireFewPixels(bytes: Buffer): Promise<void> {
  const image = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
  const { width, height } = await image.metadata().catch(refuse)
  if (width * height <= MAX_PIXELS) return
  throw fault('too_many_pixels', `An image may have at most ${MAX_PIXELS / 1e6} megapixels.`)
}

async function encodeAnew(bytes: Buffer, { contentType, encode }: Format): Promise<Picture> {
  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
  const output = encode(image.autoOrient().timeout({ seconds: DECODING_SECONDS }))
  const { data, info } = await output.toBuffer({ resolveWithObject: true }).catch(refuse)
  if (data.length > MAX_STORED_BYTES) {
    throw PayloadTooLarge({ detail: 'Encoded anew, the image is larger than 20 MiB.' })
  }
  return { bytes: data, contentType, width: info.width, height: info.height }
}

/** libvips has no codes: a time-out is known by its message, and all the rest is about the bytes. */
function refuse(cause: Error): never {
  if (cause.message.startsWith('timeout')) throw overloaded(cause)
  throw fault('broken_image', 'The image is broken or cut off.', cause)
}

function fault(code: string, detail: string, cause?: Error): CodedError {
  return ValidationFailed({ errors: [{ pointer: '/file', code, detail }], cause })
}

function overloaded(cause?: Error): CodedError {
  return Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) }, cause })
}
