// Checks files before decoding, for what costs far more than their pixels.

const PNG_SIGNATURE_BYTES = 8
const PNG_CHUNK_OVERHEAD = 12
/** Chunks for pixels (PNG, third edition, 11.2 and 11.3) and orientation. */
const PNG_PIXEL_CHUNKS = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB eXIf'.split(' '),
)

/** Copies the chunks that pixels need; libvips would unpack all texts, gigabytes in 5 MiB. */
export function withoutTexts(png: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(png.length)
  let length = png.copy(kept, 0, 0, PNG_SIGNATURE_BYTES)
  let at = PNG_SIGNATURE_BYTES
  while (at + PNG_CHUNK_OVERHEAD <= png.length) {
    const end = at + PNG_CHUNK_OVERHEAD + png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    if (PNG_PIXEL_CHUNKS.has(type)) length += png.copy(kept, length, at, end)
    at = type === 'IEND' ? png.length : end
  }
  return kept.subarray(0, length)
}

/** PNG, third edition, 11.3.6.1: acTL comes before the image data. */
export function isAnimatedPng(png: Buffer): boolean {
  const [animation, imageData] = [codeOf('acTL'), codeOf('IDAT')]
  let at = PNG_SIGNATURE_BYTES
  while (at + PNG_CHUNK_OVERHEAD <= png.length) {
    const type = png.readUInt32BE(at + 4)
    if (type === animation || type === imageData) return type === animation
    at += PNG_CHUNK_OVERHEAD + png.readUInt32BE(at)
  }
  return false
}

/** RIFF, its length, WEBP (RFC 9649 2.4). */
const WEBP_HEADER_BYTES = 12
const WEBP_CHUNK_OVERHEAD = 8
const ANIMATION_FLAG = 0x02

/** RFC 9649 2.7. libwebp's time grows with the square of the frames. */
export function isAnimatedWebp(webp: Buffer): boolean {
  const [extended, parameters, frame] = ['VP8X', 'ANIM', 'ANMF'].map(codeOf)
  let at = WEBP_HEADER_BYTES
  while (at + WEBP_CHUNK_OVERHEAD < webp.length) {
    const type = webp.readUInt32BE(at)
    const isFlagged = type === extended && (webp.readUInt8(at + 8) & ANIMATION_FLAG) !== 0
    if (isFlagged || type === parameters || type === frame) return true
    const length = webp.readUInt32LE(at + 4)
    at += WEBP_CHUNK_OVERHEAD + length + (length % 2)
  }
  return false
}

function codeOf(type: string): number {
  return Buffer.from(type).readUInt32BE()
}

/** Markers of a JPEG (ITU-T T.81 B.1.1.3). */
const START_OF_SCAN = 0xda
const END_OF_IMAGE = 0xd9
/** Tables, frame headers, profiles and comments. */
const hasLength = (marker: number) =>
  (marker >= 0xc0 && marker <= 0xcf) || (marker >= 0xda && marker <= 0xef) || marker === 0xfe

/**
 * Counts scans, at least as many as libjpeg finds: each takes a pass over the image, and nothing
 * interrupts it. Skips what lies in segments, and what follows the image.
 */
export function countScans(jpeg: Buffer): number {
  let [scans, at] = [0, jpeg.indexOf(0xff)]
  while (at >= 0 && at + 1 < jpeg.length) {
    // A zero or a fill byte after 0xff makes no marker (B.1.1.2, B.1.1.5).
    const marker = jpeg.readUInt8(at + 1)
    if (marker === END_OF_IMAGE) break
    if (marker === START_OF_SCAN) scans++
    at = jpeg.indexOf(0xff, afterMarker(jpeg, at))
  }
  return scans
}

function afterMarker(jpeg: Buffer, at: number): number {
  const marker = jpeg.readUInt8(at + 1)
  if (marker === 0xff) return at + 1
  const isSegment = hasLength(marker) && at + 4 <= jpeg.length
  return at + 2 + (isSegment ? jpeg.readUInt16BE(at + 2) : 0)
}
