import assert from 'node:assert/strict'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import { defaultHeaders } from '../support/default-headers.ts'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { ask, newHouse } from '../support/houses.ts'
import { newPhoto, type Photo, scene, upload } from '../support/photo-scene.ts'
import { aPicture, FORMATS, formWith } from '../support/pictures.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

test('GET /houses/:id/photos/:photoId serves the image and lets nothing in it run', async (t) => {
  const { server, owner, house } = await scene(t)
  const reader = await signedUp(server)
  const photo = await newPhoto(server, owner, house)

  const answer = await ask(server, `GET ${photo.url}`, reader)

  const { width, height, format } = await sharp(answer.rawPayload).metadata()
  assert.deepEqual([answer.statusCode, width, height, format], [200, 40, 30, 'jpeg'])
  const { date: _date, connection: _connection, 'x-request-id': _id, ...headers } = answer.headers
  assert.deepEqual(headers, {
    'content-type': 'image/jpeg',
    'content-length': String(photo.bytes),
    'content-disposition': `inline; filename="${photo.id}.jpg"`,
    ...defaultHeaders,
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-cache',
    etag: `"${photo.id}"`,
    vary: 'Origin, authorization',
    'accept-ranges': 'none',
  })
  assert.equal(answer.rawPayload.length, photo.bytes)
})

test('the name of the file ends as its type says', async (t) => {
  const { server, owner, house } = await scene(t)

  const names = []
  for (const format of FORMATS) {
    const { url, id } = (
      await upload(server, owner, house, formWith(await aPicture(format)))
    ).json<Photo>()
    const { headers } = await ask(server, `GET ${url}`, owner)
    names.push(String(headers['content-disposition']).replace(id, 'id'))
  }

  assert.deepEqual(
    names,
    ['jpg', 'png', 'webp'].map((ending) => `inline; filename="id.${ending}"`),
  )
})

test('HEAD says of an image all that GET says, without a body', async (t) => {
  const { server, owner, house } = await scene(t)
  const { url } = await newPhoto(server, owner, house)

  const got = await ask(server, `GET ${url}`, owner)
  const asked = await ask(server, `HEAD ${url}`, owner)

  const named = ({ headers }: LightMyRequestResponse) => {
    const { date: _date, 'x-request-id': _id, ...rest } = headers
    return rest
  }
  assert.deepEqual([asked.statusCode, asked.body], [200, ''])
  assert.deepEqual(named(asked), named(got))
})

test('HEAD reads nothing of the file, and knows when there is none', async (t) => {
  const { server, owner, house } = await scene(t)
  const { id, url } = await newPhoto(server, owner, house)
  const file = await open(join(server.uploads, id.slice(-2), id))
  const read = t.mock.method(Object.getPrototypeOf(file), 'read')
  await file.close()

  const got = await ask(server, `GET ${url}`, owner)
  const readByGet = read.mock.callCount()
  const asked = await ask(server, `HEAD ${url}`, owner)
  await rm(join(server.uploads, id.slice(-2), id))
  const missing = await ask(server, `HEAD ${url}`, owner)

  assert.deepEqual(
    [got, asked, missing].map(({ statusCode }) => statusCode),
    [200, 200, 404],
  )
  assert.ok(readByGet > 0)
  assert.equal(read.mock.callCount(), readByGet)
})

test('an image that the client has is 304', async (t) => {
  const { server, owner, house } = await scene(t)
  const { url, id } = await newPhoto(server, owner, house)
  const read = (tags: string) =>
    ask(server, `GET ${url}`, owner, { headers: { 'if-none-match': tags } })

  for (const tags of [`"${id}"`, `W/"${id}"`, `"a", "${id}"`, '*']) {
    const { statusCode, body, headers } = await read(tags)
    assert.deepEqual(
      [statusCode, body, headers.etag, headers['cache-control'], headers.vary],
      [304, '', `"${id}"`, 'private, no-cache', 'Origin, authorization'],
    )
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
    assert.equal(headers['content-length'], undefined)
  }
  assert.equal((await read('"a"')).statusCode, 200)
  assertFaults(await read(id), ['/if-none-match invalid_format'])
})

test('ranges, parameters and names that a client sends change nothing of an image', async (t) => {
  const { server, owner, house } = await scene(t)
  const { url, bytes } = await newPhoto(server, owner, house)

  for (const range of ['bytes=0-9', 'bytes=-5', `bytes=${'0-1,'.repeat(500)}5-6`, 'nonsense']) {
    const { statusCode, rawPayload } = await ask(server, `GET ${url}`, owner, {
      headers: { range },
    })
    assert.deepEqual([statusCode, rawPayload.length], [200, bytes])
  }
  const named = await ask(server, `GET ${url}?filename=evil.html`, owner)
  assert.deepEqual([named.statusCode, named.rawPayload.length], [200, bytes])
  assert.doesNotMatch(String(named.headers['content-disposition']), /evil/)
})

test('an image is 406 where Accept excludes what it is', async (t) => {
  const { server, owner, house } = await scene(t)
  const { url } = await newPhoto(server, owner, house)
  const read = (accept: string) => ask(server, `GET ${url}`, owner, { headers: { accept } })

  for (const accept of ['image/jpeg', 'image/*', 'image/webp,*/*;q=0.1']) {
    assert.equal((await read(accept)).statusCode, 200, accept)
  }
  const detail = 'This path sends image/jpeg.'
  assertProblem(await read('image/png'), 'not_acceptable', { detail })
  assert.equal((await read('text/html')).statusCode, 406)
})

test('Vary names what other parts of the server have named, too', async (t) => {
  const server = await startServer(t, { env: { CORS_ORIGINS: 'https://app.example.org' } })
  const owner = await signedUp(server)
  const { url } = await newPhoto(server, owner, await newHouse(server, owner))

  const { headers } = await ask(server, `GET ${url}`, owner, {
    headers: { origin: 'https://app.example.org' },
  })

  assert.deepEqual(String(headers.vary).toLowerCase().split(', '), ['origin', 'authorization'])
})
