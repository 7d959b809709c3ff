import sharp, { type Sharp } from 'sharp'
import {
  MAX_PIXELS,
  MAX_SIDE,
  MAX_STORED_BYTES,
  type PictureErrorCode,
  type PictureOutcome,
  type PictureTask,
  type PictureType,
} from './picture.ts'
import { countScans, isAnimatedPng, isAnimatedWebp, withoutTexts } from './structure.ts'

type Format = {
  /** Errors that the structure shows, and files that cost far more than their pixels. */
  errorOf: (bytes: Buffer) => PictureErrorCode | undefined
  strip?: (bytes: Buffer) => Buffer
  encode: (image: Sharp) => Sharp
}

/** Three times what encoders write; 40 megapixels of so many empty scans take 2 s. */
export const MAX_SCANS = 32

/** 40 megapixels take 0.5 to 3.5 s of a core; more effort gains little. */
const formats: Record<PictureType, Format> = {
  'image/jpeg': {
    errorOf: (bytes) => (countScans(bytes) > MAX_SCANS ? 'broken_image' : undefined),
    encode: (image) => image.jpeg({ quality: 85 }),
  },
  'image/png': {
    errorOf: (bytes) => (isAnimatedPng(bytes) ? 'animated' : undefined),
    strip: withoutTexts,
    encode: (image) => image.png({ compressionLevel: 6, adaptiveFiltering: true }),
  },
  'image/webp': {
    errorOf: (bytes) => (isAnimatedWebp(bytes) ? 'animated' : undefined),
    encode: (image) => image.webp({ quality: 85, effort: 2 }),
  },
}

/** The only loaders of libvips that see input of clients. */
const loaders = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
]

/** Decodes and encodes on one core. For a process of its own, see `images.ts`. */
export function createImageCodec() {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })

  /** The result is upright, in sRGB, without metadata and hidden content. */
  async function reencode({ bytes, contentType }: PictureTask): Promise<PictureOutcome> {
    const { errorOf, strip, encode } = formats[contentType]
    const error = errorOf(bytes)
    if (error) return { error }
    const image = strip?.(bytes) ?? bytes
    try {
      if (!(await hasFewPixels(image))) return { error: 'too_many_pixels' }
      const source = sharp(image, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      const output = encode(source.autoOrient())
      const { data, info } = await output.toBuffer({ resolveWithObject: true })
      if (data.length > MAX_STORED_BYTES) return { error: 'too_large' }
      return { picture: { bytes: data, contentType, width: info.width, height: info.height } }
    } catch {
      // libvips has no error codes; all its errors are about the bytes.
      return { error: 'broken_image' }
    }
  }

  return { reencode }
}

async function hasFewPixels(bytes: Buffer): Promise<boolean> {
  const image = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
  const { width, height } = await image.metadata()
  return width * height <= MAX_PIXELS && Math.max(width, height) <= MAX_SIDE
}
