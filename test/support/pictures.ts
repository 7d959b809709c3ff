import { randomBytes } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

// Pictures to upload, honest ones and forged ones, and the forms that carry them.

export const FORMATS = ['jpeg', 'png', 'webp'] as const
export type Format = (typeof FORMATS)[number]

type Size = { width?: number; height?: number }

/** A small picture, red above and blue below. */
export function aPicture(format: Format = 'jpeg', size: Size = {}): Promise<Buffer> {
  return twoColours(size)[format]().toBuffer()
}

/** The same before it is encoded, so that a test can add to it. */
export function twoColours({ width = 40, height = 30 }: Size = {}) {
  const rows = Math.floor(height / 2)
  const blue = { create: { width, height: rows, channels: 3 as const, background: '#00f' } }
  return sharp({ create: { width, height, channels: 3, background: '#f00' } }).composite([
    { input: blue, top: height - rows, left: 0 },
  ])
}

/** A black PNG of one bit a pixel, by hand; without `data` it is a header and nothing more. */
export function blackPng(width: number, height: number, { data = true } = {}): Buffer {
  const rows = data ? deflateSync(Buffer.alloc(height * (Math.ceil(width / 8) + 1))) : Buffer.of()
  return png({ width, height, depth: 1, colour: 0 }, rows)
}

/**
 * A PNG of 36 MB of noise in far less: each row says how it differs from the one above, always in
 * the same way, by values that look costly to an encoder that chooses between ways to say it.
 */
export function growingPng(): Buffer {
  const [width, height] = [6000, 1500]
  const difference = randomBytes(width * 4).map((byte) => 118 + (byte % 20))
  const up = Buffer.concat([Buffer.of(2), difference])
  return png(
    { width, height, depth: 8, colour: 6 },
    deflateSync(Buffer.alloc(height * up.length, up)),
  )
}

/** A PNG with texts of 7.9 MB each, packed a thousandfold (zTXt, 11.3.3.3). */
export function withTexts(image: Buffer, count: number): Buffer {
  const packed = deflateSync(Buffer.alloc(7_900_000, 'x'))
  const texts = Array.from({ length: count }, (_, index) =>
    chunk('zTXt', Buffer.concat([Buffer.from(`k${index}\0\0`), packed])),
  )
  const [start, rest] = [image.subarray(0, 33), image.subarray(33)]
  return Buffer.concat([start, ...texts, rest])
}

/** A progressive JPEG, black, with as many scans that say nothing after its first. */
export function withScans(count: number): Buffer {
  const [side, blocks] = [800, 100 * 100]
  const size = Buffer.from([8, side >> 8, side & 255, side >> 8, side & 255])
  const scan = (band: number, data: Buffer) => [
    segment(0xda, Buffer.of(1, 1, 0, band, band, 0)),
    data,
  ]
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xdb, Buffer.of(0, ...Array(64).fill(1))),
    segment(0xc2, Buffer.concat([size, Buffer.of(1, 1, 0x11, 0)])),
    // One code of one bit in each table: no difference (DC), and the end of up to 32,767 blocks
    // (AC).
    segment(0xc4, Buffer.of(0x00, 1, ...Array(15).fill(0), 0x00)),
    segment(0xc4, Buffer.of(0x10, 1, ...Array(15).fill(0), 0xe0)),
    ...scan(0, Buffer.alloc(blocks / 8)),
    ...Array.from({ length: count - 1 }, (_, index) =>
      scan(1 + (index % 63), Buffer.of(0x7f, 0xfe)),
    ).flat(),
    Buffer.of(0xff, 0xd9),
  ])
}

/** A WebP of one pixel with so many frames. */
export async function animatedWebp(frames: number): Promise<Buffer> {
  const dot = { width: 1, height: 1, channels: 3 as const, background: '#f00' }
  const still = await sharp({ create: dot }).webp().toBuffer()
  const number24 = (value: number) => Buffer.of(value & 255, (value >> 8) & 255, value >> 16)
  const chunk = (name: string, data: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(data.length)
    return Buffer.concat([Buffer.from(name), length, data, Buffer.alloc(data.length % 2)])
  }
  const place = Buffer.concat([0, 0, 0, 0, 10].map(number24))
  const frame = chunk('ANMF', Buffer.concat([place, Buffer.of(0), still.subarray(12)]))
  const head = chunk('VP8X', Buffer.concat([Buffer.of(2, 0, 0, 0), number24(0), number24(0)]))
  const all = [head, chunk('ANIM', Buffer.alloc(6)), ...Array(frames).fill(frame)]
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...all]))
}

/** The same as if it stood still, by its head. */
export function withoutAnimationFlag(webp: Buffer): Buffer {
  const copy = Buffer.from(webp)
  copy.writeUInt8(0, copy.indexOf('VP8X') + 8)
  return copy
}

/** A PNG that says it is an animation of two frames (acTL, 11.3.6.1). */
export function withAnimation(image: Buffer): Buffer {
  const animation = chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))
  return Buffer.concat([image.subarray(0, 33), animation, image.subarray(33)])
}

function segment(marker: number, data: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(data.length + 2)
  return Buffer.concat([Buffer.of(0xff, marker), length, data])
}

type PngHeader = { width: number; height: number; depth: number; colour: number }

function png({ width, height, depth, colour }: PngHeader, rows: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(depth, 8)
  header.writeUInt8(colour, 9)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND')])
}

function chunk(type: string, data: Buffer = Buffer.of()): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

/** A JPEG with one more segment after its start, such as 0xed for IPTC or 0xfe for a comment. */
export function withSegment(jpeg: Buffer, marker: number, content: string): Buffer {
  const added = segment(marker, Buffer.from(content, 'latin1'))
  return Buffer.concat([jpeg.subarray(0, 2), added, jpeg.subarray(2)])
}

export const HTML = Buffer.from('<!doctype html><script>alert(document.domain)</script>')

/** Files that no picture is, by what they are. */
export const notPictures: Record<string, Buffer> = {
  'an SVG': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  'an HTML page': HTML,
  'a GIF': Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
  'a GIFAR': Buffer.concat([Buffer.from('GIF89a'), Buffer.from('PK\x03\x04'), randomBytes(64)]),
  'a PDF': Buffer.from('%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>'),
  'a zip': Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(64)]),
  'a TIFF': Buffer.concat([Buffer.from('II*\0', 'latin1'), Buffer.alloc(64)]),
  'an AVIF': Buffer.from('\0\0\0\x1cftypavif\0\0\0\0', 'latin1'),
  'the EICAR test file': Buffer.from(
    `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${'EICAR'}-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`,
  ),
  'an empty file': Buffer.of(),
  'one byte': Buffer.of(0xff),
  'a picture after a line break': Buffer.concat([Buffer.from('\n'), blackPng(8, 8)]),
  'a RIFF of another kind': Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'),
}

type Part = {
  /** Left out where it is null. */
  name?: string | null
  filename?: string | null
  type?: string
  content?: Buffer | string
  /** More header lines. */
  headers?: string[]
}

/** A form of parts (RFC 7578), written as it says, however odd that is. */
export function formOf(parts: Part[], boundary = 'latchkey-boundary') {
  const pieces = parts.flatMap(({ name, filename, type, content, headers = [] }) => {
    const disposition = ['form-data', named('name', name), named('filename', filename)]
    const lines = [
      `Content-Disposition: ${disposition.filter((part) => part !== '').join('; ')}`,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      ...headers,
    ]
    const head = `--${boundary}\r\n${lines.join('\r\n')}\r\n\r\n`
    return [Buffer.from(head), Buffer.from(content ?? ''), Buffer.from('\r\n')]
  })
  const payload = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

/** The form that a browser sends for one file. */
export function formWith(content: Buffer, filename = 'house.jpg') {
  return formOf([{ name: 'file', filename, type: 'image/jpeg', content }])
}

function named(parameter: string, value: string | null | undefined): string {
  return value === undefined || value === null ? '' : `${parameter}="${value}"`
}
