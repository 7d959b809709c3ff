// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createImageCodec } from '../../src/platform/images/codec.ts'
import { createImages, type Images } from '../../src/platform/images/images.ts'
import { images, reencode, refusalOf } from '../support/images.ts'
import { aPicture, blackPng, growingPng, withTexts } from '../support/pictures.ts'

/** Milliseconds until the work is done. */
async function timeOf(work: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work
  return performance.now() - start
}

test('too many pixels are refused by the header, before anything is decoded', async () => {
  const before = process.memoryUsage().rss
  const decoding = await timeOf(reencode(blackPng(8000, 5000)))
  const refusing: number[] = []

  for (const [width, height] of [
    [30_000, 30_000],
    [8000, 5001],
    [40_000_001, 1],
    [40_000_000, 1],
    [1, 65_536],
    [1_000_000, 1_000_000],
  ] as const) {
    const refusal = refusalOf(reencode(blackPng(width, height, { data: false })))
    refusing.push(await timeOf(refusal))
    assert.deepEqual(
      await refusal,
      ['validation_failed', '/file too_many_pixels'],
      `${width}x${height}`,
    )
  }

  // What was refused had at least as many pixels as what was decoded.
  assert.ok(Math.min(...refusing) < decoding / 4, `${refusing} against ${decoding} ms`)
  assert.ok(process.memoryUsage().rss - before < 50e6)
})

/** Milliseconds of a core that this process takes for the work. */
async function coreTimeOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('exactly 40 megapixels are taken, and decoded by another process', async () => {
  const bytes = blackPng(8000, 5000)
  const { reencode: decodeHere } = createImageCodec()

  const here = await coreTimeOf(() => decodeHere({ bytes, contentType: 'image/png' }))
  const elsewhere = await coreTimeOf(async () => {
    const { width, height } = await reencode(bytes)
    assert.deepEqual([width, height], [8000, 5000])
  })

  assert.ok(elsewhere < here / 2, `${elsewhere} against ${here} ms`)
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

test('a full queue refuses the request with Retry-After', async () => {
  const narrow = createImages({ queueLength: 1 })
  const refused = await refusedOf(narrow, ['a', 'b', 'c', 'd'])

  assert.deepEqual(refused, Array(2).fill('overloaded {"retry-after":"5"}'))
})

test('one user has two pictures waiting, or as many as the settings say', async () => {
  const one = 'rate_limited {"retry-after":"5"}'

  assert.deepEqual(await refusedOf(createImages(), ['a', 'b', 'b', 'b', 'c', 'a', 'a', 'a']), [
    one,
    one,
  ])
  const wide = createImages({ waitingPerUser: 5 })
  assert.deepEqual(await refusedOf(wide, Array(7).fill('a')), [one])
})

/** What becomes of pictures that these users send at once, as far as they are refused. */
async function refusedOf(images: Images, users: string[]): Promise<string[]> {
  const bytes = await aPicture('png')
  const all = await Promise.allSettled(users.map((userId) => images.reencode(bytes, { userId })))
  images.close()
  return all.flatMap((one) =>
    one.status === 'rejected'
      ? [`${one.reason.definition.code} ${JSON.stringify(one.reason.headers)}`]
      : [],
  )
}

test('a small picture waits for one of another user, however many of these wait', async () => {
  const order: string[] = []
  const send = async (userId: string, bytes: Buffer) => {
    await images.reencode(bytes, { userId })
    order.push(userId)
  }
  const large = blackPng(4000, 2500)

  const all = [1, 2, 3].map(() => send('busy', large))
  await Promise.all([...all, send('other', await aPicture('png'))])

  assert.deepEqual(order, ['busy', 'other', 'busy', 'busy'])
})

test('an image that takes too long is stopped and refused with Retry-After, time after time', async () => {
  const hasty = createImages({ limitMs: 20 })

  for (const _time of [1, 2]) {
    const late = await hasty
      .reencode(blackPng(8000, 5000), { userId: 'somebody' })
      .catch((error) => error)
    assert.deepEqual([late.definition.code, late.headers], ['overloaded', { 'retry-after': '5' }])
  }
})

test('nothing is decoded for a client that is gone', async () => {
  const gone = AbortSignal.abort(new Error('gone'))

  const client = { userId: 'somebody', signal: gone }

  await assert.rejects(images.reencode(await aPicture(), client), { message: 'gone' })
})
