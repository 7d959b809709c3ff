import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFolderStorage } from '../../src/platform/file-storage.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { ask, type House, newHouse } from '../support/houses.ts'
import { filesOf, NOTHING, newPhoto, remains, scene } from '../support/photo-scene.ts'
import { NO_PHOTO } from '../support/photos.ts'
import { assertProblem } from '../support/problems.ts'

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
