import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import sharp from 'sharp'
import { call, UUID_V7 } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { ask } from '../support/houses.ts'
import {
  filesOf,
  NOTHING,
  type Photo,
  remains,
  scene,
  upload,
  uploadHead,
} from '../support/photo-scene.ts'
import { NO_HOUSE, unknownLike } from '../support/photos.ts'
import {
  aPicture,
  blackPng,
  formOf,
  formWith,
  HTML,
  notPictures,
  twoColours,
} from '../support/pictures.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'

test('a client that is still sending a large file sees why it is refused', async (t) => {
  const { server, owner, house } = await scene(t)
  const stranger = await signedUp(server)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.app.server.address() as AddressInfo
  const send = (token: string | undefined, bytes: number) => {
    const body = new FormData()
    body.set('file', new Blob([Buffer.alloc(bytes)]), 'x.png')
    const url = `http://127.0.0.1:${port}/houses/${house.id}/photos`
    return fetch(url, { method: 'POST', headers: bearer(token), body })
  }

  for (const [token, megabytes, status] of [
    ['forged', 5, 401],
    [stranger.access_token, 5, 403],
    [owner.access_token, 12, 413],
  ] as const) {
    const answer = await send(token, megabytes * 1e6)
    assert.equal(answer.status, status)
    await answer.text()
  }
})

test('a file that is not an image is refused and leaves nothing', async (t) => {
  const { server, owner, house } = await scene(t)
  const detail = 'The file is not a JPEG, PNG or WebP image.'

  for (const [what, bytes] of Object.entries(notPictures)) {
    const answer = await upload(server, owner, house, formWith(bytes, `${what}.png`))
    assertProblem(answer, 'unsupported_media_type', { detail })
  }

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('broken and oversized pictures are refused and leave nothing', async (t) => {
  const { server, owner, house } = await scene(t)
  const noise = { raw: { width: 64, height: 64, channels: 3 as const } }
  const whole = await sharp(randomBytes(64 * 64 * 3), noise)
    .jpeg()
    .toBuffer()
  const send = (bytes: Buffer) => upload(server, owner, house, formWith(bytes))

  assertFaults(await send(whole.subarray(0, whole.length / 2)), ['/file broken_image'])
  const huge = blackPng(30_000, 30_000, { data: false })
  assertFaults(await send(huge), ['/file too_many_pixels'])
  const large = Buffer.concat([whole, randomBytes(5 * 1024 * 1024)])
  assertProblem(await send(large), 'payload_too_large', {
    detail: 'A file may have at most 5 MiB.',
  })

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('a picture with a page behind it and tags within comes out as a picture alone', async (t) => {
  const { server, owner, house } = await scene(t)
  const lying = await twoColours()
    .withExif({ IFD3: { GPSMapDatum: 'SECRET-GPS' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()

  const sent = await upload(server, owner, house, formWith(Buffer.concat([lying, HTML])))
  const served = await ask(server, `GET ${sent.json<Photo>().url}`, owner)

  const { width, height } = sent.json<{ width: number; height: number }>()
  assert.deepEqual([sent.statusCode, width, height], [201, 30, 40])
  assert.ok(!served.rawPayload.includes('SECRET') && !served.rawPayload.includes('script'))
  assert.deepEqual((await sharp(served.rawPayload).metadata()).exif, undefined)
})

test('file names of clients are used for nothing', async (t) => {
  const { server, owner, house } = await scene(t)
  const bytes = await aPicture()
  const names = [
    ...['../x', '..\\x', '/etc/passwd', 'C:\\boot.ini', 'a\0.png', 'a%00.png', '.htaccess', 'CON'],
    ...['x'.repeat(4096), '\u202egnp.exe', "'; DROP TABLE House; --", 'a"; filename*=b', ''],
  ]

  for (const name of names) {
    const answer = await upload(server, owner, house, formWith(bytes, name))
    assert.equal(answer.statusCode, 201, name)
    const { headers } = await ask(server, `GET ${answer.json<Photo>().url}`, owner)
    assert.equal(
      headers['content-disposition'],
      `inline; filename="${answer.json<Photo>().id}.jpg"`,
    )
  }

  const files = await filesOf(server)
  assert.equal(files.length, names.length)
  assert.ok(files.every((file) => UUID_V7.test(file)))
})

test('an upload to a house that is not there or not one’s own is refused unread', async (t) => {
  const { server, owner, house } = await scene(t)
  const stranger = await signedUp(server)
  const connection = await rawConnection(t, server.app)

  connection.say(uploadHead(stranger, house, 5_000_000))
  const [answer] = await connection.answers()

  assert.deepEqual([answer?.statusCode, answer?.headers.connection], [403, 'close'])
  const missing = await upload(server, owner, unknownLike(house), formOf([]))
  assertProblem(missing, 'not_found', NO_HOUSE)
})

test('a storage that does not write is 500, and leaves nothing', async (t) => {
  const { server, owner, house } = await scene(t)
  const form = formWith(await aPicture())
  await rm(server.uploads, { recursive: true })

  const answer = await upload(server, owner, house, form)
  const ready = await call(server, 'GET /readyz')

  assertProblem(answer, 'internal')
  assert.deepEqual([ready.statusCode, ready.json().checks.uploads.status], [503, 'failed'])
  assert.equal(existsSync(server.uploads), false)
  assert.equal(await server.database.client.photo.count(), 0)
  assert.equal((await server.database.client.house.findFirst())?.photoCount, 0)
})
