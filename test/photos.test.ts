import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readdir, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import { createPhotoCleaner } from '../src/features/photos/cleaner.ts'
import { addPhotoSchema, listPhotosSchema } from '../src/features/photos/schemas.ts'
import { createPhotos } from '../src/features/photos/service.ts'
import { type FileStorage, openFolderStorage } from '../src/platform/file-storage.ts'
import { createImages, type Images } from '../src/platform/images.ts'
import { auditEntries, call, UUID_V7 } from './answers.ts'
import { startServer, type TestServer } from './helper.ts'
import { ask, type House, newAdmin, newHouse, tally } from './houses.ts'
import { bearer, PASSWORD, type Person, signedUp } from './people.ts'
import {
  aPicture,
  blackPng,
  FORMATS,
  formOf,
  formWith,
  HTML,
  notPictures,
  twoColours,
} from './pictures.ts'
import { assertFaults, assertProblem } from './problems.ts'
import { rawConnection } from './raw-http.ts'
import { standing } from './standing.ts'

type SignedIn = Pick<Person, 'access_token'>
type Photo = { id: string; url: string; contentType: string; bytes: number; createdAt: string }

const NO_HOUSE = { detail: 'There is no such house.' }
const NO_PHOTO = { detail: 'There is no such photo.' }
const FULL = { detail: 'A house has at most 20 photos.' }

/** A server with somebody who owns a house. */
async function scene(t: TestContext) {
  const server = await startServer(t)
  const owner = await signedUp(server)
  const house = await newHouse(server, owner)
  return { server, owner, house }
}

function upload(
  server: TestServer,
  { access_token }: SignedIn,
  { id }: Pick<House, 'id'>,
  { payload, headers }: ReturnType<typeof formOf>,
): Promise<LightMyRequestResponse> {
  const all = { ...headers, ...bearer(access_token) }
  return server.inject({ method: 'POST', url: `/houses/${id}/photos`, payload, headers: all })
}

/** A photo of the house, just uploaded. */
async function newPhoto(server: TestServer, person: SignedIn, house: House): Promise<Photo> {
  const answer = await upload(server, person, house, formWith(await aPicture()))
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}

/** An id of the right form that no house has. */
const unknownLike = ({ id }: House) => ({ id: `${id.slice(0, -12)}000000000000` })

/** All the files of the server, by name. */
async function filesOf({ uploads }: TestServer): Promise<string[]> {
  const entries = await readdir(uploads, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
}

/** What is left of photos: rows, files, and places that the house counts. */
async function remains(server: TestServer, house?: House) {
  const { client } = server.database
  const row = house && (await client.house.findUnique({ where: { id: house.id } }))
  const [rows, files] = [await client.photo.count(), (await filesOf(server)).length]
  return { rows, files, places: row?.photoCount ?? 0 }
}

const NOTHING = { rows: 0, files: 0, places: 0 }

for (const format of FORMATS) {
  test(`POST /houses/:id/photos takes a ${format} picture and says what it has become`, async (t) => {
    const { server, owner, house } = await scene(t)

    const answer = await upload(server, owner, house, formWith(await aPicture(format)))

    const photo = answer.json<Photo>()
    const url = `/houses/${house.id}/photos/${photo.id}`
    const createdAt = new Date(server.clock()).toISOString()
    assert.equal(answer.statusCode, 201)
    assert.match(photo.id, UUID_V7)
    assert.deepEqual(photo, {
      ...{ id: photo.id, url, contentType: `image/${format}`, width: 40, height: 30 },
      ...{ bytes: photo.bytes, createdAt },
    })
    assert.deepEqual([answer.headers.location, answer.headers['cache-control']], [url, 'no-store'])
    assert.deepEqual(await filesOf(server), [photo.id])
    assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
  })
}

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
    ...standing,
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
  const detail = 'This address produces image/jpeg.'
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

test('GET /houses/:id/photos lists the photos of the house, oldest first', async (t) => {
  const { server, owner, house } = await scene(t)
  const other = await newHouse(server, owner)
  await newPhoto(server, owner, other)
  const photos: Photo[] = []
  for (let count = 0; count < 3; count++) {
    photos.push(await newPhoto(server, owner, house))
    server.clock.advance(1)
  }

  const answer = await ask(server, `GET /houses/${house.id}/photos`, await signedUp(server))
  const empty = await ask(server, `GET /houses/${(await newHouse(server, owner)).id}/photos`, owner)

  assert.deepEqual([answer.statusCode, answer.json()], [200, { items: photos }])
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.deepEqual([empty.statusCode, empty.json()], [200, { items: [] }])
})

test('photos of one millisecond are listed in the order in which they came', async (t) => {
  const { server, owner, house } = await scene(t)
  const photos: Photo[] = []
  for (let count = 0; count < 6; count++) photos.push(await newPhoto(server, owner, house))

  const answer = await ask(server, `GET /houses/${house.id}/photos`, owner)

  assert.deepEqual(answer.json(), { items: photos })
})

test('a list looks for the house only where there are no photos', async (t) => {
  const { server, owner, house } = await scene(t)
  await newPhoto(server, owner, house)
  const { photos } = server.services
  const before = server.queries.length

  await photos.list(house.id)

  assert.deepEqual(
    server.queries.slice(before).filter((sql) => sql.includes('`House`')),
    [],
  )
})

test('the document says how many photos a house may have, as the problem does', () => {
  const { items } = listPhotosSchema.response[200].properties

  assert.ok(addPhotoSchema.description.endsWith(FULL.detail))
  assert.equal(FULL.detail, `A house has at most ${'maxItems' in items && items.maxItems} photos.`)
})

test('an admin who adds or deletes photos of somebody else leaves an audit entry', async (t) => {
  const { server, owner, house } = await scene(t)
  const admin = await newAdmin(server)
  const own = await newHouse(server, admin)
  const before = (await auditEntries(server)).length

  const { url } = await newPhoto(server, admin, house)
  await ask(server, `DELETE ${url}`, admin)
  for (const [person, place] of [
    [admin, own],
    [owner, house],
  ] as const) {
    const photo = await newPhoto(server, person, place)
    await ask(server, `DELETE ${photo.url}`, person)
  }

  const deed = { type: 'house_changed_by_admin', userId: admin.user.id }
  const entry = { ...deed, sessionId: null, detail: house.id }
  assert.deepEqual((await auditEntries(server)).slice(before), [entry, entry])
})

test('DELETE /houses/:id/photos/:photoId removes the photo, its file and its row', async (t) => {
  const { server, owner, house } = await scene(t)
  const kept = await newPhoto(server, owner, house)
  const photo = await newPhoto(server, owner, house)

  const answer = await ask(server, `DELETE ${photo.url}`, owner)

  assert.deepEqual([answer.statusCode, answer.body], [204, ''])
  assertProblem(await ask(server, `GET ${photo.url}`, owner), 'not_found', NO_PHOTO)
  assertProblem(await ask(server, `DELETE ${photo.url}`, owner), 'not_found', NO_PHOTO)
  assert.deepEqual(await filesOf(server), [kept.id])
  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})

test('everybody who is signed in reads photos; their house decides who writes them', async (t) => {
  const { server, owner, house } = await scene(t)
  const callers = {
    owner,
    admin: await newAdmin(server),
    stranger: await signedUp(server),
    anonymous: { access_token: undefined },
  }
  const form = formWith(await aPicture())
  const table: Record<string, (string | number)[]> = {}

  for (const [who, { access_token }] of Object.entries(callers)) {
    const { url } = await newPhoto(server, owner, house)
    const headers = access_token === undefined ? {} : bearer(access_token)
    const post = { method: 'POST', url: `/houses/${house.id}/photos` } as const
    const answers = [
      await server.inject({
        ...post,
        payload: form.payload,
        headers: { ...form.headers, ...headers },
      }),
      await call(server, `GET /houses/${house.id}/photos`, undefined, headers),
      await call(server, `GET ${url}`, undefined, headers),
      await call(server, `DELETE ${url}`, undefined, headers),
    ]
    table[who] = answers.flatMap((answer) => Object.keys(tally([answer])))
  }

  assert.deepEqual(table, {
    owner: ['201', '200', '200', '204'],
    admin: ['201', '200', '200', '204'],
    stranger: ['403 not_owner', '200', '200', '403 not_owner'],
    anonymous: Array(4).fill('401 unauthenticated'),
  })
})

test('a photo is found in its own house and nowhere else', async (t) => {
  const { server, owner, house } = await scene(t)
  const { id, url } = await newPhoto(server, owner, house)
  const other = await newHouse(server, owner)
  const elsewhere = `/houses/${other.id}/photos/${id}`
  const nowhere = `/houses/${unknownLike(house).id}/photos`

  assertProblem(await ask(server, `GET ${elsewhere}`, owner), 'not_found', NO_PHOTO)
  assertProblem(await ask(server, `DELETE ${elsewhere}`, owner), 'not_found', NO_PHOTO)
  assertProblem(await ask(server, `GET ${nowhere}/${id}`, owner), 'not_found', NO_PHOTO)
  assertProblem(await ask(server, `GET ${nowhere}`, owner), 'not_found', NO_HOUSE)
  assertProblem(await ask(server, `DELETE ${nowhere}/${id}`, owner), 'not_found', NO_HOUSE)
  for (const name of ['x', `${id}.jpg`, '..%2f..%2fetc%2fpasswd', id.toUpperCase(), '%00']) {
    assertProblem(await ask(server, `GET /houses/${house.id}/photos/${name}`, owner), 'not_found')
  }
  assert.equal((await ask(server, `GET ${url}`, owner)).statusCode, 200)
  assert.deepEqual(await remains(server, other), { rows: 1, files: 1, places: 0 })
})

test('what is no picture is refused and leaves nothing', async (t) => {
  const { server, owner, house } = await scene(t)
  const detail = 'The file is neither a JPEG nor a PNG nor a WebP image.'

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

const BOUNDARY = 'latchkey-boundary'

/** The head of an upload over a raw socket. */
function uploadHead({ access_token }: SignedIn, { id }: House, length: number): string {
  return [
    `POST /houses/${id}/photos HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${access_token}`,
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    `Content-Length: ${length}`,
    'Connection: close',
    '\r\n',
  ].join('\r\n')
}

/** Sends half of an upload, does something else, then sends the other half. */
async function interrupted(
  t: TestContext,
  { server, owner, house }: { server: TestServer; owner: SignedIn; house: House },
  then: () => Promise<unknown>,
) {
  const { payload } = formWith(await aPicture())
  const connection = await rawConnection(t, server.app)
  connection.say(uploadHead(owner, house, payload.length))
  connection.say(payload.subarray(0, payload.length / 2))
  await once(server.app.server, 'request')
  await then()
  connection.say(payload.subarray(payload.length / 2))
  const [answer] = await connection.answers()
  return `${answer?.statusCode} ${JSON.parse(answer?.body ?? '{}').code}`
}

test('an upload that is cut off leaves nothing and takes no place', async (t) => {
  const { server, owner, house } = await scene(t)
  const { payload } = formWith(await aPicture())
  const connection = await rawConnection(t, server.app)
  const isLogged = () => server.logs.some(({ msg }) => msg === 'The request was cut off.')

  connection.say(uploadHead(owner, house, payload.length))
  connection.say(payload.subarray(0, -20))
  await once(server.app.server, 'request')
  connection.socket.destroy()
  while (!isLogged()) await new Promise(setImmediate)

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload whose session ends on the way is refused and leaves nothing', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at

  const answer = await interrupted(t, at, () => ask(server, 'POST /logout', owner))

  assert.equal(answer, '401 session_ended')
  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload of an admin who loses the role on the way is refused', async (t) => {
  const { server, house } = await scene(t)
  const admin = await newAdmin(server)
  const { administration } = server.services

  const answer = await interrupted(t, { server, owner: admin, house }, () =>
    administration.changeRole(admin.username, 'user'),
  )

  assert.equal(answer, '401 token_expired')
  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload whose house is deleted on the way is 404 and leaves nothing', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at

  const answer = await interrupted(t, at, () => ask(server, `DELETE /houses/${house.id}`, owner))

  assert.equal(answer, '404 not_found')
  assert.deepEqual(await remains(server), NOTHING)
})

test('eight uploads at once for the last place: one gets it', async (t) => {
  const { server, owner, house } = await scene(t)
  const admin = await newAdmin(server)
  const form = formWith(await aPicture())
  for (let count = 0; count < 19; count++) await newPhoto(server, owner, house)

  // Four of each, which is what one user may have under way.
  const all = Array.from({ length: 8 }, (_, index) =>
    upload(server, index % 2 === 0 ? owner : admin, house, form),
  )
  const answers = await Promise.all(all)

  assert.deepEqual(tally(answers), { '201': 1, '409 limit_reached': 7 })
  const refused = answers.find(({ statusCode }) => statusCode === 409)
  assert.ok(refused)
  assertProblem(refused, 'limit_reached', FULL)
  assert.deepEqual(await remains(server, house), { rows: 20, files: 20, places: 20 })
})

test('a place that a deleted photo gives back is taken again', async (t) => {
  const { server, owner, house } = await scene(t)
  const photos: Photo[] = []
  for (let count = 0; count < 20; count++) photos.push(await newPhoto(server, owner, house))
  const form = formWith(await aPicture())
  const full = await upload(server, owner, house, form)

  await Promise.all(photos.slice(0, 2).map(({ url }) => ask(server, `DELETE ${url}`, owner)))
  const twice = await Promise.all([
    ask(server, `DELETE ${photos[2]?.url}`, owner),
    ask(server, `DELETE ${photos[2]?.url}`, owner),
  ])
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => upload(server, owner, house, form)),
  )

  assertProblem(full, 'limit_reached', FULL)
  assert.deepEqual(tally(twice), { '204': 1, '404 not_found': 1 })
  assert.deepEqual(tally(answers), { '201': 3, '409 limit_reached': 1 })
  assert.deepEqual(await remains(server, house), { rows: 20, files: 20, places: 20 })
})

test('a house takes its photos along, files too', async (t) => {
  const { server, owner, house } = await scene(t)
  const other = await newHouse(server, owner)
  await newPhoto(server, owner, house)
  const { url } = await newPhoto(server, owner, house)
  const kept = await newPhoto(server, owner, other)

  const answer = await ask(server, `DELETE /houses/${house.id}`, owner)

  assert.equal(answer.statusCode, 204)
  assertProblem(await ask(server, `GET ${url}`, owner), 'not_found', NO_PHOTO)
  assert.deepEqual(await filesOf(server), [kept.id])
  assert.deepEqual(await remains(server, other), { rows: 1, files: 1, places: 1 })
})

test('an account takes its houses and their photos along, files too', async (t) => {
  const { server, owner, house } = await scene(t)
  const neighbour = await signedUp(server)
  const nextDoor = await newHouse(server, neighbour)
  for (const place of [house, await newHouse(server, owner)]) await newPhoto(server, owner, place)
  const kept = await newPhoto(server, neighbour, nextDoor)

  const body = { currentPassword: PASSWORD }
  const answer = await ask(server, 'DELETE /me', owner, { body })

  assert.equal(answer.statusCode, 204)
  const houses = await ask(server, 'GET /houses', neighbour)
  assert.deepEqual(houses.json<{ items: House[] }>().items, [nextDoor])
  assert.deepEqual(await filesOf(server), [kept.id])
  assert.deepEqual(await remains(server, nextDoor), { rows: 1, files: 1, places: 1 })
})

test('files that cannot be removed now do not fail the deletion, and go later', async (t) => {
  const { server, owner, house } = await scene(t)
  const { id } = await newPhoto(server, owner, house)
  const stuck = join(server.uploads, id.slice(-2), id)
  await rm(stuck)
  // A folder in its place, with something in it, is what `rm` of a file refuses, even for root.
  await openFolderStorage(stuck)
  await writeFile(join(stuck, 'x'), '')

  const answer = await ask(server, `DELETE /houses/${house.id}`, owner)
  const before = await remains(server)
  await rm(stuck, { recursive: true })
  const hasMore = await server.services.photoCleaner.clean()

  assert.equal(answer.statusCode, 204)
  assert.deepEqual(before, { rows: 1, files: 1, places: 0 })
  assert.ok(server.logs.some(({ photoId }) => photoId === id))
  assert.deepEqual([hasMore, await remains(server)], [false, NOTHING])
})

test('a photo whose file is missing is 404, and an error in the log', async (t) => {
  const { server, owner, house } = await scene(t)
  const { id, url } = await newPhoto(server, owner, house)
  await rm(join(server.uploads, id.slice(-2), id))

  const answer = await ask(server, `GET ${url}`, owner)

  assertProblem(answer, 'not_found', NO_PHOTO)
  const lines = server.logs.filter(({ photoId }) => photoId === id)
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [[50, 'the file of a photo is missing']],
  )
  assert.equal((await ask(server, `DELETE ${url}`, owner)).statusCode, 204)
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

/** The service of the server on a storage of the test's own, in which something happens at each write. */
async function photosWith(
  server: TestServer,
  overrides: Partial<FileStorage>,
  images: Pick<Images, 'reencode'> = createImages(),
) {
  const { houses } = server.services
  const storage = await openFolderStorage(server.uploads)
  const needs = { db: server.database.client, clock: server.clock, log: server.app.log, houses }
  const files = { ...storage, ...overrides }
  const cleaner = createPhotoCleaner({ ...needs, files })
  return { storage, photos: createPhotos({ ...needs, files, images, cleaner }) }
}

async function adding({ owner, house }: { owner: Person; house: House }) {
  const actor = { userId: owner.user.id, isAdmin: false }
  const { signal } = new AbortController()
  return { houseId: house.id, bytes: await aPicture(), actor, signal }
}

test('a house that is deleted while a photo is written takes the photo along', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at
  const { photos, storage } = await photosWith(server, {
    write: async (name, bytes) => {
      const deleted = await ask(server, `DELETE /houses/${house.id}`, owner)
      assert.equal(deleted.statusCode, 204)
      // What is being written is left to who writes it.
      assert.equal(await server.database.client.photo.count(), 1)
      await storage.write(name, bytes)
    },
  })

  await assert.rejects(photos.add(await adding(at)), { message: NO_HOUSE.detail })

  assert.deepEqual(await remains(server), NOTHING)
})

test('nothing of a photo is seen before its file is safe', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at
  let seen: unknown[] = []
  const { photos, storage } = await photosWith(server, {
    write: async (name, bytes) => {
      await storage.write(name, bytes)
      const url = `/houses/${house.id}/photos`
      const list = await ask(server, `GET ${url}`, owner)
      const one = await ask(server, `GET ${url}/${name}`, owner)
      const removed = await ask(server, `DELETE ${url}/${name}`, owner)
      await server.services.photoCleaner.clean()
      seen = [list.json(), one.statusCode, removed.statusCode]
    },
  })

  await photos.add(await adding(at))

  assert.deepEqual(seen, [{ items: [] }, 404, 404])
  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})

test('a photo that cannot be taken back now is left to the cleaner, and the reason told', async (t) => {
  const at = await scene(t)
  const { server, house } = at
  const { photos, storage } = await photosWith(server, {
    write: async (name, bytes) => {
      await storage.write(name, bytes)
      throw new Error('the disk is full')
    },
    remove: async () => {
      throw new Error('the disk is away')
    },
  })

  await assert.rejects(photos.add(await adding(at)), { message: 'the disk is full' })
  const before = await remains(server, house)
  server.clock.advance(601)
  await server.services.photoCleaner.clean()

  assert.deepEqual(before, { rows: 1, files: 1, places: 1 })
  assert.deepEqual(await remains(server, house), NOTHING)
})

test('nothing is stored for who has gone away while the picture was encoded', async (t) => {
  const at = await scene(t)
  const { server, house } = at
  const client = new AbortController()
  const { photos } = await photosWith(
    server,
    {},
    {
      reencode: async (bytes) => {
        client.abort(new Error('gone'))
        return { bytes, contentType: 'image/jpeg', width: 40, height: 30 }
      },
    },
  )
  const wish = { ...(await adding(at)), signal: client.signal }

  await assert.rejects(photos.add(wish), { message: 'gone' })

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('what a crash leaves of an upload is cleaned after ten minutes', async (t) => {
  const { server, owner, house } = await scene(t)
  const { client } = server.database
  const kept = await newPhoto(server, owner, house)
  const storage = await openFolderStorage(server.uploads)
  const left = { contentType: 'image/jpeg', width: 1, height: 1, bytes: 1 }
  const createdAt = new Date(server.clock())
  const [withFile, withoutFile, ofNobody] = [randomUUID(), randomUUID(), randomUUID()]
  for (const id of [withFile, withoutFile, ofNobody]) {
    const houseId = id === ofNobody ? null : house.id
    await client.photo.createMany({ data: { ...left, id, houseId, createdAt } })
    if (id !== withoutFile) await storage.write(id, Buffer.of(1))
  }
  await client.house.updateMany({ where: { id: house.id }, data: { photoCount: 3 } })

  server.clock.advance(600)
  await server.services.photoCleaner.clean()
  const early = await remains(server, house)
  server.clock.advance(1)
  const hasMore = await server.services.photoCleaner.clean()

  assert.deepEqual(early, { rows: 4, files: 3, places: 3 })
  assert.deepEqual([hasMore, await filesOf(server)], [false, [kept.id]])
  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})

test('the cleaner takes a bounded number at a time, and says whether there is more', async (t) => {
  const server = await startServer(t)
  const left = { contentType: 'image/jpeg', width: 1, height: 1, bytes: 1 }
  const when = new Date(server.clock())
  const data = Array.from({ length: 150 }, () => ({
    ...{ ...left, id: randomUUID(), createdAt: when, storedAt: when },
  }))
  await server.database.client.photo.createMany({ data })
  const { photoCleaner } = server.services

  const first = await photoCleaner.clean()
  const half = (await remains(server)).rows
  const second = await photoCleaner.clean()

  assert.deepEqual([first, half, second], [true, 50, false])
  assert.deepEqual(await remains(server), NOTHING)
})

/** Orphans, with a cleaner on a storage that cannot remove some of them. */
async function stuckOrphans(t: TestContext, count: number, isStuck: (index: number) => boolean) {
  const server = await startServer(t)
  const { client: db } = server.database
  const ids: string[] = Array.from({ length: count }, () => randomUUID()).sort()
  const when = new Date(server.clock())
  const left = { contentType: 'image/jpeg', width: 1, height: 1, bytes: 1 }
  await db.photo.createMany({
    data: ids.map((id) => ({ ...left, id, createdAt: when, storedAt: when })),
  })
  const tried: number[] = []
  const remove = async (id: string) => {
    tried.push(ids.indexOf(id))
    if (isStuck(ids.indexOf(id))) throw new Error('the disk is away')
  }
  const files = { ...(await openFolderStorage(server.uploads)), remove }
  const { houses } = server.services
  const cleaner = createPhotoCleaner({
    db,
    clock: server.clock,
    log: server.app.log,
    houses,
    files,
  })
  const rest = async () => {
    const rows = await db.photo.findMany({ orderBy: { id: 'asc' } })
    return rows.map(({ id }) => ids.indexOf(id))
  }
  return { server, cleaner, tried, rest }
}

test('files that cannot be removed do not keep the others, however many they are', async (t) => {
  let isAway = true
  const { cleaner, rest } = await stuckOrphans(t, 250, (index) => isAway && index < 220)

  const turns = []
  for (let turn = 0; turn < 3; turn++) turns.push(await cleaner.clean())
  const left = await rest()
  isAway = false
  while (await cleaner.clean());

  assert.deepEqual(turns, [false, false, false])
  assert.deepEqual(left, [...Array(220).keys()])
  assert.deepEqual(await rest(), [])
})

test('a request stops at the first file that cannot be removed', async (t) => {
  const { server, cleaner, tried, rest } = await stuckOrphans(t, 4, (index) => index > 0)

  await cleaner.sweep()

  assert.deepEqual(
    [tried, await rest()],
    [
      [0, 1],
      [1, 2, 3],
    ],
  )
  assert.equal(server.logs.filter(({ photoId }) => photoId !== undefined).length, 1)
})

test('a cleaner that removes nothing writes nothing', async (t) => {
  const stuck = await stuckOrphans(t, 1, () => true)
  const { server } = stuck
  const before = server.queries.length

  await stuck.cleaner.clean()
  await stuck.cleaner.sweep()
  await server.database.client.photo.deleteMany()
  await server.services.photoCleaner.clean()
  await server.services.photoCleaner.sweep()

  const writes = server.queries.slice(before).filter((sql) => /DELETE|UPDATE/.test(sql))
  assert.equal(writes.length, 1, writes.join('\n'))
})

test('two cleaners at once give a place back once', async (t) => {
  const { server, owner, house } = await scene(t)
  await newPhoto(server, owner, house)
  const left = { contentType: 'image/jpeg', width: 1, height: 1, bytes: 1 }
  const createdAt = new Date(server.clock())
  const { client } = server.database
  await client.photo.createMany({
    data: { ...left, id: randomUUID(), houseId: house.id, createdAt },
  })
  await client.house.updateMany({ where: { id: house.id }, data: { photoCount: 2 } })
  server.clock.advance(601)

  await Promise.all([1, 2, 3].map(() => server.services.photoCleaner.clean()))

  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})

test('a photo that is stored after all, while the cleaner gives it up, stays', async (t) => {
  const { server, owner, house } = await scene(t)
  const { id } = await newPhoto(server, owner, house)
  const { client } = server.database
  await client.photo.updateMany({ where: { id }, data: { storedAt: null } })
  const { houses } = server.services
  const cleaner = createPhotoCleaner({
    ...{ db: client, clock: server.clock, log: server.app.log },
    files: await openFolderStorage(server.uploads),
    houses: {
      ...houses,
      releasePhotoPlace: async (tx, houseId, actor) => {
        await tx.photo.updateMany({ where: { id }, data: { storedAt: new Date(server.clock()) } })
        await houses.releasePhotoPlace(tx, houseId, actor)
      },
    },
  })
  server.clock.advance(601)

  await cleaner.clean()

  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})
