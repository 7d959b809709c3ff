/** What pictures are taken and stored as, with the usual ending of a file name. */
export const pictureTypes = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
} as const

export type PictureType = keyof typeof pictureTypes

/** A picture as it is stored: upright, sRGB, without metadata. */
export type Picture = { bytes: Buffer; contentType: PictureType; width: number; height: number }

/** The largest picture that is taken, width by height. */
export const MAX_PIXELS = 40_000_000
/** The longest side, which is JPEG's: libvips needs memory by the row. */
export const MAX_SIDE = 65_535
/** A small file can become a large one, when it was packed in a way that encoding does not repeat. */
export const MAX_STORED_BYTES = 20 * 1024 * 1024

/** A file to be encoded anew, and what it begins like. */
export type PictureTask = { bytes: Buffer; contentType: PictureType }

export type PictureFault = 'too_many_pixels' | 'broken_image' | 'too_large'
export type PictureOutcome = { picture: Picture } | { fault: PictureFault }
