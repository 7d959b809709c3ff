import sharp, { type Sharp } from 'sharp'
import { countFrames, countScans, withoutTexts } from './image-structure.ts'
import {
  MAX_PIXELS,
  MAX_SIDE,
  MAX_STORED_BYTES,
  type PictureOutcome,
  type PictureTask,
  type PictureType,
} from './pictures.ts'

type Format = {
  /** Takes out what would cost much more than the pixels, or refuses it by undefined. */
  defuse: (bytes: Buffer) => Buffer | undefined
  encode: (image: Sharp) => Sharp
}

const MAX_SCANS = 200
const MAX_FRAMES = 1_000

/**
 * At these settings 40 megapixels take 0.5 to 3.5 s of one core. More effort costs several times that
 * for a few percent: 12 s for WebP at 4, its default, and 3 s for JPEG by MozJPEG.
 */
const formats: Record<PictureType, Format> = {
  'image/jpeg': {
    defuse: (bytes) => (countScans(bytes) > MAX_SCANS ? undefined : bytes),
    encode: (image) => image.jpeg({ quality: 85 }),
  },
  'image/png': {
    defuse: withoutTexts,
    encode: (image) => image.png({ compressionLevel: 6, adaptiveFiltering: true }),
  },
  'image/webp': {
    defuse: (bytes) => (countFrames(bytes) > MAX_FRAMES ? undefined : bytes),
    encode: (image) => image.webp({ quality: 85, effort: 2 }),
  },
}

/** The only code of libvips that sees what clients send. */
const loaders = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
]

/** Decodes and encodes with libvips, on one core. For a process of its own: see `images.ts`. */
export function createImageCodec() {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })

  /**
   * Decodes a file and encodes it anew in the same format: upright by its EXIF orientation, in sRGB,
   * without any metadata and without what else a file can hide. Of an animation, the first frame.
   */
  async function reencode({ bytes, contentType }: PictureTask): Promise<PictureOutcome> {
    const { defuse, encode } = formats[contentType]
    const image = defuse(bytes)
    if (!image) return { fault: 'broken_image' }
    try {
      if (!(await hasFewPixels(image))) return { fault: 'too_many_pixels' }
      const source = sharp(image, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      const output = encode(source.autoOrient())
      const { data, info } = await output.toBuffer({ resolveWithObject: true })
      if (data.length > MAX_STORED_BYTES) return { fault: 'too_large' }
      return { picture: { bytes: data, contentType, width: info.width, height: info.height } }
    } catch {
      // libvips has no codes for errors, and all of them are about the bytes.
      return { fault: 'broken_image' }
    }
  }

  return { reencode }
}

/** By the header alone. */
async function hasFewPixels(bytes: Buffer): Promise<boolean> {
  const image = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
  const { width, height } = await image.metadata()
  return width * height <= MAX_PIXELS && Math.max(width, height) <= MAX_SIDE
}
