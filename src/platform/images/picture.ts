/** Stored types and their file name extensions. */
export const pictureTypes = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
} as const

export type PictureType = keyof typeof pictureTypes

export type Picture = { bytes: Buffer; contentType: PictureType; width: number; height: number }

export const MAX_PIXELS = 40_000_000
/** JPEG's limit: libvips needs memory by the row. */
export const MAX_SIDE = 65_535
/** A small file can grow when re-encoded. */
export const MAX_STORED_BYTES = 20 * 1024 * 1024

export type PictureTask = { bytes: Buffer; contentType: PictureType }

export type PictureErrorCode = 'too_many_pixels' | 'broken_image' | 'animated' | 'too_large'
export type PictureOutcome = { picture: Picture } | { error: PictureErrorCode }
