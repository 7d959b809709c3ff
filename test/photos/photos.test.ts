import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addPhotoSchema, listPhotosSchema } from '../../src/features/photos/schemas.ts'
import { auditEntries, call, UUID_V7 } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { ask, newAdmin, newHouse, tally } from '../support/houses.ts'
import { filesOf, newPhoto, type Photo, remains, scene, upload } from '../support/photo-scene.ts'
import { FULL, NO_HOUSE, NO_PHOTO, unknownLike } from '../support/photos.ts'
import { aPicture, FORMATS, formWith } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'

for (const format of FORMATS) {
  test(`POST /houses/:id/photos takes a ${format} picture and returns the stored photo`, async (t) => {
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
  assert.equal(
    FULL.detail,
    `A house may have at most ${'maxItems' in items && items.maxItems} photos.`,
  )
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

  const deed = { type: 'house_changed_by_admin', userId: owner.user.id }
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

test('every signed-in user reads photos; the house decides who may write them', async (t) => {
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
