import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { createPhotoCleaner } from '../../src/features/photos/cleaner.ts'
import { openFolderStorage } from '../../src/platform/file-storage.ts'
import { startServer } from '../support/helper.ts'
import { filesOf, NOTHING, newPhoto, remains, scene } from '../support/photo-scene.ts'

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
  const { houses, holdings } = server.services
  const cleaner = createPhotoCleaner({
    db,
    statements: server.database.statements,
    clock: server.clock,
    log: server.app.log,
    ...{ houses, holdings, files },
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

  await cleaner.purgeOrphans()

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
  await stuck.cleaner.purgeOrphans()
  await server.database.client.photo.deleteMany()
  await server.services.photoCleaner.clean()
  await server.services.photoCleaner.purgeOrphans()

  const writes = server.queries.slice(before).filter((sql) => /DELETE|UPDATE/.test(sql))
  assert.equal(writes.length, 1, writes.join('\n'))
})

test('two parallel cleaners free a slot once', async (t) => {
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
  const { houses, holdings } = server.services
  const cleaner = createPhotoCleaner({
    ...{ db: client, statements: server.database.statements },
    ...{ clock: server.clock, log: server.app.log, holdings },
    files: await openFolderStorage(server.uploads),
    houses: {
      ...houses,
      freePhotoSlot: async (tx, houseId, actor) => {
        await tx.photo.updateMany({ where: { id }, data: { storedAt: new Date(server.clock()) } })
        await houses.freePhotoSlot(tx, houseId, actor)
      },
    },
  })
  server.clock.advance(601)

  await cleaner.clean()

  assert.deepEqual(await remains(server, house), { rows: 1, files: 1, places: 1 })
})
