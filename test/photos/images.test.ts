// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import { createImageCodec } from '../../src/platform/images/codec.ts'
import { reencode, refusalOf } from '../support/images.ts'
import {
  aPicture,
  FORMATS,
  HTML,
  notPictures,
  twoColours,
  withScans,
  withSegment,
} from '../support/pictures.ts'

/** Red, green and blue of a pixel, rounded to what survives lossy encoding. */
async function colourAt(bytes: Buffer, left: number, top: number): Promise<number[]> {
  const pixel = sharp(bytes).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw()
  return [...(await pixel.toBuffer())].map((value) => Math.round(value / 64) * 64)
}

const RED = [256, 0, 0]
const BLUE = [0, 0, 256]

for (const format of FORMATS) {
  test(`a ${format} picture is re-encoded in its own format`, async () => {
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

  test(`data hidden behind a ${format} image is removed`, async () => {
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

test('no other decoder of libvips is available', async () => {
  createImageCodec()

  for (const name of ['an SVG', 'a GIF', 'a TIFF', 'an AVIF', 'a PDF']) {
    await assert.rejects(sharp(notPictures[name]).metadata(), /unsupported image format/, name)
  }
})

test('a JPEG with a thumbnail inside and a film behind it, as phones make them, is taken', async () => {
  const thumbnail = withSegment(await aPicture(), 0xe1, withScans(10).toString('latin1'))
  // A film holds the mark of a scan once in 65,536 bytes.
  const motion = Buffer.concat([thumbnail, withScans(100), randomBytes(4 * 1024 * 1024)])

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
