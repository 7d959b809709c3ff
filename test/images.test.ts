// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import sharp from 'sharp'
import { CodedError } from '../src/platform/errors.ts'
import { createImageCodec } from '../src/platform/image-codec.ts'
import { createImages } from '../src/platform/images.ts'
import {
  animatedWebp,
  aPicture,
  blackPng,
  FORMATS,
  growingPng,
  HTML,
  notPictures,
  twoColours,
  withScans,
  withSegment,
  withTexts,
} from './pictures.ts'

const { reencode } = createImages()

/** What was thrown, as a client would see it. */
async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => assert.fail('accepted'),
    (thrown) => thrown,
  )
  assert.ok(error instanceof CodedError, String(error))
  const faults = error.errors?.map(({ pointer, code }) => `${pointer} ${code}`)
  return [error.kind.code, ...(faults ?? [])]
}

/** Red, green and blue of a pixel, rounded to what survives lossy encoding. */
async function colourAt(bytes: Buffer, left: number, top: number): Promise<number[]> {
  const pixel = sharp(bytes).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw()
  return [...(await pixel.toBuffer())].map((value) => Math.round(value / 64) * 64)
}

const RED = [256, 0, 0]
const BLUE = [0, 0, 256]

for (const format of FORMATS) {
  test(`a ${format} picture is encoded anew as what it was`, async () => {
    const bytes = await aPicture(format)

    const picture = await reencode(bytes)

    const { format: seen, width, height } = await sharp(picture.bytes).metadata()
    assert.deepEqual([seen, width, height], [format, 40, 30])
    assert.deepEqual(
      { ...picture, bytes: picture.bytes.length },
      { contentType: `image/${format}`, width: 40, height: 30, bytes: picture.bytes.length },
    )
    assert.deepEqual(await colourAt(picture.bytes, 20, 3), RED)
    assert.deepEqual(await colourAt(picture.bytes, 20, 27), BLUE)
  })

  test(`a ${format} picture that was cut off is refused, wherever the cut is`, async () => {
    const pixels = { raw: { width: 64, height: 64, channels: 3 as const } }
    const bytes = await sharp(randomBytes(64 * 64 * 3), pixels)
      [format]()
      .toBuffer()

    for (const part of [0.02, 0.3, 0.9]) {
      const cut = bytes.subarray(0, Math.max(16, Math.floor(bytes.length * part)))

      assert.deepEqual(await refusalOf(reencode(cut)), ['validation_failed', '/file broken_image'])
    }
  })

  test(`what hides behind a ${format} picture is gone`, async () => {
    const polyglot = Buffer.concat([await aPicture(format), HTML, Buffer.from('PK\x03\x04')])

    const { bytes } = await reencode(polyglot)

    assert.ok(!bytes.includes('script') && !bytes.includes('PK\x03\x04'))
  })

  test(`metadata of a ${format} picture does not come out`, async () => {
    const tagged = twoColours()
      .withExif({
        IFD0: { Artist: 'SECRET-ARTIST', Copyright: 'SECRET-COPYRIGHT' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSMapDatum: 'SECRET-GPS' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><SECRET-XMP/></x:xmpmeta>')
      .withIccProfile('p3')
    const before = await tagged[format]().toBuffer()
    const tags = await sharp(before).metadata()
    assert.ok(tags.exif?.includes('SECRET-GPS') && tags.xmp && tags.icc, 'the tags went in')

    const { bytes } = await reencode(before)

    const { exif, xmp, icc, iptc, comments, orientation } = await sharp(bytes).metadata()
    const none = undefined
    assert.deepEqual(
      [exif, xmp, icc, iptc, comments, orientation],
      [none, none, none, none, none, none],
    )
    assert.ok(!bytes.includes('SECRET'))
  })
}

test('IPTC, comments and unknown segments of a JPEG do not come out', async () => {
  const markers = [0xed, 0xfe, 0xea, 0xe2]
  const before = markers.reduce(
    (jpeg, marker) => withSegment(jpeg, marker, 'SECRET'),
    await aPicture('jpeg'),
  )

  const { bytes } = await reencode(before)

  assert.ok(!bytes.includes('SECRET'))
})

test('the orientation in EXIF is carried out on the pixels', async () => {
  // 6: the first row is the right side when seen upright.
  const lying = await twoColours().withMetadata({ orientation: 6 }).jpeg().toBuffer()

  const { bytes, width, height } = await reencode(lying)

  assert.deepEqual([width, height], [30, 40])
  assert.deepEqual(await colourAt(bytes, 3, 20), BLUE)
  assert.deepEqual(await colourAt(bytes, 27, 20), RED)
})

test('colours of another profile become sRGB', async () => {
  const wide = await twoColours().withIccProfile('p3', { attach: true }).png().toBuffer()
  const raw = await sharp(wide, { ignoreIcc: true }).raw().toBuffer()

  const { bytes } = await reencode(wide)

  assert.notDeepEqual([...raw.subarray(0, 3)], [255, 0, 0])
  assert.deepEqual(await colourAt(bytes, 3, 3), RED)
})

test('CMYK and 16-bit pictures become plain ones', async () => {
  const cmyk = await twoColours().toColourspace('cmyk').jpeg().toBuffer()
  const deep = await twoColours().removeAlpha().toColourspace('rgb16').png().toBuffer()

  const pictures = await Promise.all([reencode(cmyk), reencode(deep)])

  const all = await Promise.all(pictures.map(({ bytes }) => sharp(bytes).metadata()))
  assert.deepEqual(
    all.map(({ space, depth, channels }) => [space, depth, channels]),
    [
      ['srgb', 'uchar', 3],
      ['srgb', 'uchar', 3],
    ],
  )
})

test('of an animation the first frame is kept', async () => {
  const frames = await Promise.all(
    ['#f00', '#00f'].map((background) =>
      sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  )
  const animation = await animate(frames)

  const { bytes, width, height } = await reencode(animation)

  assert.deepEqual([width, height, (await sharp(bytes).metadata()).pages ?? 1], [16, 16, 1])
  assert.deepEqual(await colourAt(bytes, 8, 8), RED)
})

async function animate(frames: Buffer[]): Promise<Buffer> {
  const raw = await Promise.all(frames.map((frame) => sharp(frame).raw().toBuffer()))
  const size = { width: 16, height: 16 * frames.length, channels: 3 as const, pageHeight: 16 }
  return sharp(Buffer.concat(raw), { raw: size })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer()
}

for (const [what, bytes] of Object.entries(notPictures)) {
  test(`${what} is no picture`, async () => {
    assert.deepEqual(await refusalOf(reencode(bytes)), ['unsupported_media_type'])
  })
}

test('no other decoder of libvips is left, whatever asks for it', async () => {
  createImageCodec()

  for (const name of ['an SVG', 'a GIF', 'a TIFF', 'an AVIF', 'a PDF']) {
    await assert.rejects(sharp(notPictures[name]).metadata(), /unsupported image format/, name)
  }
})

for (const [kind, magic] of [
  ['JPEG', 'ffd8ff'],
  ['PNG', '89504e470d0a1a0a'],
  ['WebP', '524946462400000057454250'],
] as const) {
  test(`what begins like a ${kind} and goes on otherwise is a broken image`, async () => {
    const forged = Buffer.concat([Buffer.from(magic, 'hex'), HTML, randomBytes(512)])

    assert.deepEqual(await refusalOf(reencode(forged)), ['validation_failed', '/file broken_image'])
  })
}

test('too many pixels are refused by the header, before anything is decoded', async () => {
  const before = process.memoryUsage().rss
  const start = performance.now()

  for (const [width, height] of [
    [30_000, 30_000],
    [8000, 5001],
    [40_000_001, 1],
    [40_000_000, 1],
    [1, 65_536],
    [1_000_000, 1_000_000],
  ] as const) {
    const refusal = await refusalOf(reencode(blackPng(width, height, { data: false })))
    assert.deepEqual(refusal, ['validation_failed', '/file too_many_pixels'], `${width}x${height}`)
  }

  assert.ok(performance.now() - start < 1000)
  assert.ok(process.memoryUsage().rss - before < 50e6)
})

test('exactly 40 megapixels are taken, and hold up nobody', async () => {
  const bytes = blackPng(8000, 5000)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()

  const { width, height } = await reencode(bytes)

  delay.disable()
  assert.deepEqual([width, height], [8000, 5000])
  // Decoding takes half a second of a core, or much longer on a busy machine; waiting is another thing.
  assert.ok(delay.percentile(90) < 100e6, `${delay.percentile(90) / 1e6} ms`)
})

test('a small file that would be stored as a huge one is refused', async () => {
  const bytes = growingPng()
  assert.ok(bytes.length < 5 * 1024 * 1024, `${bytes.length}`)

  assert.deepEqual(await refusalOf(reencode(bytes)), ['payload_too_large'])
})

test('texts of a PNG that unpack to gigabytes are not unpacked', async () => {
  const bytes = withTexts(blackPng(64, 64), 300)
  const before = process.memoryUsage().rss

  const { width } = await reencode(bytes)

  assert.equal(width, 64)
  assert.ok(process.memoryUsage().rss - before < 100e6)
})

test('a JPEG of 200 scans is taken, and one of more is a broken image', async () => {
  const { width } = await reencode(withScans(200))

  assert.equal(width, 800)
  const refusal = await refusalOf(reencode(withScans(201)))
  assert.deepEqual(refusal, ['validation_failed', '/file broken_image'])
})

test('a WebP of 1,000 frames is taken, and one of more is a broken image', async () => {
  const { width } = await reencode(await animatedWebp(1_000))

  assert.equal(width, 1)
  const refusal = await refusalOf(reencode(await animatedWebp(1_001)))
  assert.deepEqual(refusal, ['validation_failed', '/file broken_image'])
})

test('a JPEG with a thumbnail inside and a film behind it, as phones make them, is taken', async () => {
  const thumbnail = withSegment(await aPicture(), 0xe1, withScans(10).toString('latin1'))
  const motion = Buffer.concat([thumbnail, randomBytes(4 * 1024 * 1024)])

  const { width } = await reencode(motion)

  assert.equal(width, 40)
})

test('a progressive JPEG, an interlaced PNG and one with a palette stay what they show', async () => {
  const files = await Promise.all([
    twoColours().jpeg({ progressive: true }).toBuffer(),
    twoColours().png({ progressive: true }).toBuffer(),
    twoColours().png({ palette: true }).toBuffer(),
    twoColours().webp({ lossless: true }).toBuffer(),
  ])

  for (const file of files) {
    const { bytes } = await reencode(file)
    assert.deepEqual(await colourAt(bytes, 20, 3), RED)
    assert.deepEqual(await colourAt(bytes, 20, 27), BLUE)
  }
})

test('a queue that is full is refused, and told when to come back', async () => {
  const narrow = createImages({ queueLength: 1 })
  const bytes = await aPicture('png')

  const all = await Promise.allSettled(Array.from({ length: 6 }, () => narrow.reencode(bytes)))

  const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.ok(refused.length > 0 && refused.length < 6, `${refused.length} refused`)
  for (const { kind, headers } of refused) {
    assert.deepEqual([kind.code, headers], ['overloaded', { 'retry-after': '5' }])
  }
})

test('what takes too long is ended, and told when to come back, time after time', async () => {
  const hasty = createImages({ limitMs: 20 })

  for (const _time of [1, 2]) {
    const late = await hasty.reencode(blackPng(8000, 5000)).catch((error) => error)
    assert.deepEqual([late.kind.code, late.headers], ['overloaded', { 'retry-after': '5' }])
  }
})

test('nothing is decoded for who has gone away', async () => {
  const gone = AbortSignal.abort(new Error('gone'))

  await assert.rejects(reencode(await aPicture(), gone), { message: 'gone' })
})
