// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import { MAX_SCANS } from '../../src/platform/images/codec.ts'
import { countScans } from '../../src/platform/images/structure.ts'
import { reencode, refusalOf } from '../support/images.ts'
import {
  animatedWebp,
  blackPng,
  HTML,
  notPictures,
  withAnimation,
  withoutAnimationFlag,
  withScans,
} from '../support/pictures.ts'

const size = { width: 16, height: 16, channels: 3 as const }

for (const [what, bytes] of [
  ['a WebP of two frames', await twoFrames()],
  ['a WebP of one frame that says it is animated', await animatedWebp(1)],
  ['a WebP of 100,000 frames', await animatedWebp(100_000)],
  ['a WebP whose frames its head conceals', withoutAnimationFlag(await animatedWebp(2))],
  ['an animated PNG', withAnimation(blackPng(16, 16))],
] as const) {
  test(`${what} is not an image, and the response says why`, async () => {
    const error = await reencode(bytes).catch((thrown) => thrown)

    assert.deepEqual([error.definition.code, error.statusCode], ['unsupported_media_type', 415])
    assert.match(error.message, /\banimated\b/)
  })
}

for (const [what, bytes] of [
  [
    'transparency',
    await sharp({ create: { ...size, channels: 4, background: '#f008' } })
      .webp({ lossless: false })
      .toBuffer(),
  ],
  [
    'a profile',
    await sharp({ create: { ...size, background: '#f00' } })
      .withIccProfile('p3')
      .webp()
      .toBuffer(),
  ],
  [
    'EXIF',
    await sharp({ create: { ...size, background: '#f00' } })
      .withExif({ IFD0: { Artist: 'x' } })
      .webp()
      .toBuffer(),
  ],
] as const) {
  test(`a still WebP of the extended format, with ${what}, is taken`, async () => {
    assert.ok(bytes.includes('VP8X'))

    const { width } = await reencode(bytes)

    assert.equal(width, 16)
  })
}

test('a PNG that only speaks of an animation, behind its pixels, is taken', async () => {
  const still = Buffer.concat([blackPng(16, 16), Buffer.from('acTL')])

  assert.equal((await reencode(still)).width, 16)
})

async function twoFrames(): Promise<Buffer> {
  const raw = ['#f00', '#00f'].map((background) => sharp({ create: { ...size, background } }).raw())
  const frames = await Promise.all(raw.map((frame) => frame.toBuffer()))
  return sharp(Buffer.concat(frames), { raw: { ...size, height: 32, pageHeight: 16 } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer()
}

for (const [what, bytes] of Object.entries(notPictures)) {
  test(`${what} is not an image`, async () => {
    assert.deepEqual(await refusalOf(reencode(bytes)), ['unsupported_media_type'])
  })
}

for (const [kind, magic] of [
  ['JPEG', 'ffd8ff'],
  ['PNG', '89504e470d0a1a0a'],
  ['WebP', '524946462400000057454250'],
] as const) {
  test(`a file that only begins like a ${kind} is a broken image`, async () => {
    const forged = Buffer.concat([Buffer.from(magic, 'hex'), HTML, randomBytes(512)])

    assert.deepEqual(await refusalOf(reencode(forged)), ['validation_failed', '/file broken_image'])
  })
}

test('a JPEG of 32 scans is taken, and one of more is a broken image', async () => {
  const { width } = await reencode(withScans(MAX_SCANS))

  assert.deepEqual([width, MAX_SCANS], [800, 32])
  for (const scans of [33, 100, 5000]) {
    const refusal = await refusalOf(reencode(withScans(scans)))
    assert.deepEqual(refusal, ['validation_failed', '/file broken_image'])
  }
})

test('scans that hide behind fill bytes, restarts and wrong marks are found', () => {
  const bytes = (...parts: (Buffer | string)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)))
  const scan = 'ffda0008010100000000'

  assert.equal(countScans(withScans(200)), 200)
  assert.equal(countScans(bytes('ffd8', scan, 'ff00', scan, 'ffd0', scan, 'ff01', scan, 'ffd9')), 4)
  assert.equal(countScans(bytes('ffd8', `ffffff${scan}`, `00ff${scan}`, 'ffd9')), 2)
  // In a comment, behind the end, and cut off.
  assert.equal(countScans(bytes('ffd8', 'fffe000c', scan, scan, 'ffd9', scan)), 1)
  assert.equal(countScans(bytes('ffd8', 'fffe0000', scan, 'ffe10001', scan)), 2)
  assert.equal(countScans(bytes('ffd8ff')), 0)
  assert.equal(countScans(bytes('ffd8ffda')), 1)
})
