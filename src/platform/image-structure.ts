// Looks at files before a decoder does, for what costs it far more than the pixels of the image.

const PNG_SIGNATURE_BYTES = 8
/** Length, type and checksum. */
const PNG_CHUNK_OVERHEAD = 12
/** The chunks that decide how pixels look (PNG, third edition, 11.2 and 11.3), and the orientation. */
const PNG_PIXEL_CHUNKS = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB eXIf'.split(' '),
)

/**
 * A copy of a PNG with the chunks that its pixels need and no others. The rest is texts, of which a
 * file of 5 MiB can hold gigabytes, and libvips unpacks all of them.
 * @param png a file with the signature of PNG; what is cut off stays so
 */
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

/** Start of scan (ITU-T T.81 B.1.1.3). */
const SCAN_MARK = Buffer.from([0xff, 0xda])

/**
 * Counts what may be a scan of a JPEG, wherever it stands: what a decoder skips cannot be told without
 * decoding. A progressive image has about ten scans; each goes over the whole image, however little it
 * says, and nothing interrupts libjpeg between them.
 * @returns at least as many as there are; in texts and profiles one for 65,536 bytes may be chance
 */
export function countScans(jpeg: Buffer): number {
  return countOf(jpeg, SCAN_MARK)
}

/** Counts what may be a frame of an animated WebP: libwebp takes time by the square of them. */
export function countFrames(webp: Buffer): number {
  return countOf(webp, Buffer.from('ANMF'))
}

function countOf(bytes: Buffer, mark: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count++
  return count
}
