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

const [MARK, TEM, RST0, SOI, EOI, SOS] = [0xff, 0x01, 0xd0, 0xd8, 0xd9, 0xda]

/**
 * Counts the scans of a JPEG (ITU-T T.81 B.1.1). A progressive one has about ten; each of them goes
 * over the whole image, however little it says, and nothing interrupts libjpeg between them.
 * @param jpeg a file that begins like a JPEG; what comes after its end does not count
 */
export function countScans(jpeg: Buffer): number {
  let scans = 0
  for (let at = segmentFrom(jpeg, 0); at >= 0; at = segmentFrom(jpeg, at)) {
    if (jpeg[at + 1] === EOI) break
    if (jpeg[at + 1] === SOS) scans++
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return scans
}

/** The place of the next marker with a segment after it, or of the end of the image; -1 without one. */
function segmentFrom(jpeg: Buffer, start: number): number {
  for (let at = start; at + 3 < jpeg.length; at++) {
    if (jpeg[at] === MARK && hasSegment(jpeg[at + 1] ?? MARK)) return at
  }
  return -1
}

/** Not a stuffed zero, not a filling byte, not a marker that stands alone. */
function hasSegment(code: number): boolean {
  return code > TEM && code < MARK && (code < RST0 || code > SOI)
}
