import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, newAdmin, tally } from '../support/houses.ts'
import { NOTHING, newPhoto, type Photo, remains, scene, upload } from '../support/photo-scene.ts'
import { adding, FULL, NO_HOUSE, photosWith } from '../support/photos.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'

test('of eight parallel uploads for the last slot one gets it', async (t) => {
  const { server, owner, house } = await scene(t)
  // Two photos of each may wait for the decoder.
  const people = [owner, await newAdmin(server), await newAdmin(server), await newAdmin(server)]
  const form = formWith(await aPicture())
  for (let count = 0; count < 19; count++) await newPhoto(server, owner, house)

  const all = [...people, ...people].map((person) => upload(server, person, house, form))
  const answers = await Promise.all(all)

  assert.deepEqual(tally(answers), { '201': 1, '409 limit_reached': 7 })
  const refused = answers.find(({ statusCode }) => statusCode === 409)
  assert.ok(refused)
  assertProblem(refused, 'limit_reached', FULL)
  assert.deepEqual(await remains(server, house), { rows: 20, files: 20, places: 20 })
})

test('the slot of a deleted photo is used again', async (t) => {
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
  const people = [owner, await newAdmin(server)]
  const answers = await Promise.all(
    [...people, ...people].map((person) => upload(server, person, house, form)),
  )

  assertProblem(full, 'limit_reached', FULL)
  assert.deepEqual(tally(twice), { '204': 1, '404 not_found': 1 })
  assert.deepEqual(tally(answers), { '201': 3, '409 limit_reached': 1 })
  assert.deepEqual(await remains(server, house), { rows: 20, files: 20, places: 20 })
})

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

test('a photo that cannot be removed now is left to the cleaner, and the reason is logged', async (t) => {
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
