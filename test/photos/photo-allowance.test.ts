import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  emptyDatabase,
  isMysql,
  migrateAt,
  openAt,
  scratchDirectory,
} from '../support/databases.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin, newHouse, tally } from '../support/houses.ts'
import { newPhoto, type Photo, remains, scene, upload } from '../support/photo-scene.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'

// What the photos of one user may take: PHOTO_BYTES_PER_USER.

/** The bytes that are counted for a user, and those of the rows that are there. */
async function counted({ database }: TestServer, { user }: { user: { id: string } }) {
  const row = await database.client.user.findUnique({ where: { id: user.id } })
  const where = { ownerId: user.id }
  const { _sum } = await database.client.photo.aggregate({ _sum: { bytes: true }, where })
  return { counted: Number(row?.photoBytes), stored: _sum.bytes ?? 0 }
}

const LIMIT = 2 ** 20
const FULL = { detail: 'The photos of one user may have at most 1 MiB together.' }

/**
 * Two servers on one database, and a house whose owner has room for so many photos, and a byte
 * less.
 */
async function almostFull(t: TestContext, room: number, { less = 0 } = {}) {
  const url = await freshDatabase(t)
  const env = { PHOTO_BYTES_PER_USER: '1MiB' }
  const [server, other] = [await startServer(t, { url, env }), await startServer(t, { url, env })]
  const owner = await signedUp(server)
  const house = await newHouse(server, owner)
  const form = formWith(await aPicture())
  const { bytes: one } = (await upload(server, owner, house, form)).json<Photo>()
  const { client } = server.database
  const bytes = LIMIT - one - room * one + less
  const facts = {
    contentType: 'image/jpeg',
    width: 1,
    height: 1,
    createdAt: new Date(server.clock()),
  }
  await client.photo.createMany({
    data: { ...facts, id: randomUUID(), ownerId: owner.user.id, bytes },
  })
  await client.user.updateMany({
    where: { id: owner.user.id },
    data: { photoBytes: { increment: bytes } },
  })
  return { server, other, owner, house, form }
}

test('the bytes of photos count for the owner of the house, also when an admin adds them', async (t) => {
  const { server, owner, house } = await scene(t)
  const admin = await newAdmin(server)

  const { bytes: first } = await newPhoto(server, owner, house)
  const { bytes: second } = await newPhoto(server, admin, house)

  assert.deepEqual(await counted(server, owner), {
    counted: first + second,
    stored: first + second,
  })
  assert.deepEqual(await counted(server, admin), { counted: 0, stored: 0 })
})

test('exactly as many bytes as are allowed are taken, and one more is 409', async (t) => {
  const exact = await almostFull(t, 1)
  const short = await almostFull(t, 1, { less: 1 })

  const taken = await upload(exact.server, exact.owner, exact.house, exact.form)
  const refused = await upload(short.server, short.owner, short.house, short.form)
  const byAdmin = await upload(short.server, await newAdmin(short.server), short.house, short.form)

  assert.equal(taken.statusCode, 201, taken.body)
  assert.equal((await counted(exact.server, exact.owner)).counted, LIMIT)
  assertProblem(refused, 'limit_reached', FULL)
  assertProblem(byAdmin, 'limit_reached', FULL)
  // The place in the house is given back.
  assert.equal((await remains(short.server, short.house)).places, 1)
})

test('the allowance of one user is not that of another', async (t) => {
  const { server, form } = await almostFull(t, 0)
  const neighbour = await signedUp(server)

  const answer = await upload(server, neighbour, await newHouse(server, neighbour), form)

  assert.equal(answer.statusCode, 201)
})

test('uploads at once on two servers do not go beyond the limit together', async (t) => {
  const { server, other, owner, form } = await almostFull(t, 3)
  const people = [owner, await newAdmin(server), await newAdmin(server), await newAdmin(server)]
  // A house for each, so that no other row holds them up.
  const houses = await Promise.all(people.map(() => newHouse(server, owner)))

  const answers = await Promise.all(
    [server, other].flatMap((at) =>
      people.map((person, index) => upload(at, person, houses[index] ?? assert.fail(), form)),
    ),
  )

  assert.deepEqual(tally(answers), { '201': 3, '409 limit_reached': 5 })
  assert.deepEqual(await counted(server, owner), { counted: LIMIT, stored: LIMIT })
})

test('deleting a photo gives its bytes back, once, and makes room for another', async (t) => {
  const { server, other, owner, house, form } = await almostFull(t, 0)
  const photos = (await ask(server, `GET /houses/${house.id}/photos`, owner)).json()
  const [{ url }] = photos.items
  const full = await upload(server, owner, house, form)

  const deletions = [server, other, server].map((at) => ask(at, `DELETE ${url}`, owner))
  const deleted = await Promise.all(deletions)
  const again = await upload(server, owner, house, form)
  const tooMany = await upload(server, owner, house, form)

  assertProblem(full, 'limit_reached', FULL)
  assert.deepEqual(tally(deleted), { '204': 1, '404 not_found': 2 })
  assert.equal(again.statusCode, 201)
  assertProblem(tooMany, 'limit_reached', FULL)
  assert.deepEqual(await counted(server, owner), { counted: LIMIT, stored: LIMIT })
})

test('a house that goes gives the bytes of all its photos back, to its owner alone', async (t) => {
  const { server, owner, house } = await scene(t)
  const other = await newHouse(server, owner)
  const neighbour = await signedUp(server)
  const nextDoor = await newPhoto(server, neighbour, await newHouse(server, neighbour))
  await newPhoto(server, owner, house)
  await newPhoto(server, owner, house)
  const kept = await newPhoto(server, owner, other)

  const answer = await ask(server, `DELETE /houses/${house.id}`, owner)

  assert.equal(answer.statusCode, 204)
  assert.deepEqual(await counted(server, owner), { counted: kept.bytes, stored: kept.bytes })
  assert.equal((await counted(server, neighbour)).counted, nextDoor.bytes)
})

test('an account that goes leaves photos that give nothing back to anybody', async (t) => {
  const { server, owner, house } = await scene(t)
  const neighbour = await signedUp(server)
  const kept = await newPhoto(server, neighbour, await newHouse(server, neighbour))
  await newPhoto(server, owner, house)

  const answer = await ask(server, 'DELETE /me', owner, { body: { currentPassword: PASSWORD } })
  while (await server.services.photoCleaner.clean());

  assert.equal(answer.statusCode, 204)
  assert.deepEqual(await remains(server), { rows: 1, files: 1, places: 0 })
  assert.equal((await counted(server, neighbour)).counted, kept.bytes)
})

test('a photo that could not be stored gives its bytes back', async (t) => {
  const { server, owner, house } = await scene(t)
  rmSync(server.uploads, { recursive: true })

  const answer = await upload(server, owner, house, formWith(await aPicture()))

  assertProblem(answer, 'internal')
  assert.deepEqual(await counted(server, owner), { counted: 0, stored: 0 })
})

test('several cleaners at once give bytes back once', async (t) => {
  const { server, owner, house } = await scene(t)
  const { client } = server.database
  for (let count = 0; count < 5; count++) await newPhoto(server, owner, house)
  await client.house.deleteMany({ where: { id: house.id } })
  const kept = await newPhoto(server, owner, await newHouse(server, owner))

  await Promise.all([1, 2, 3, 4].map(() => server.services.photoCleaner.clean()))
  while (await server.services.photoCleaner.clean());

  assert.deepEqual(await counted(server, owner), { counted: kept.bytes, stored: kept.bytes })
  assert.equal((await remains(server)).rows, 1)
})

const MIGRATION = '20261128170000_photo_bytes'
const shipped = new URL(`../../prisma/${isMysql ? 'mysql' : 'sqlite'}/migrations`, import.meta.url)

test('photos from before the limit count, those of deleted houses do not', async (t) => {
  const url = await emptyDatabase(t)
  const earlier = join(scratchDirectory(t), 'migrations')
  cpSync(fileURLToPath(shipped), earlier, { recursive: true })
  for (const name of readdirSync(earlier)) {
    if (/^\d/.test(name) && name >= MIGRATION) rmSync(join(earlier, name), { recursive: true })
  }
  const database = await openAt(url)
  t.after(() => database.close())
  await migrateAt(url, earlier)
  const run = (sql: string) => database.client.$executeRawUnsafe(sql)
  const now = isMysql ? 'UTC_TIMESTAMP(3)' : '0'
  for (const user of ['ann', 'bob', 'cid']) {
    await run(`INSERT INTO User (id, username, usernameKey, email, emailKey, passwordHash, createdAt, updatedAt)
      VALUES ('${user}', '${user}', '${user}', '${user}', '${user}', '', ${now}, ${now})`)
  }
  for (const [house, owner] of [
    ['a', 'ann'],
    ['b', 'ann'],
    ['c', 'bob'],
  ]) {
    await run(`INSERT INTO House (id, projectNo, projectName, searchNo, searchName, searchAddress, ownerId, createdAt, updatedAt)
      VALUES ('${house}', '${house}', '', '', '', '', '${owner}', ${now}, ${now})`)
  }
  for (const [photo, house, bytes] of [
    [1, "'a'", 2_000_000_000],
    [2, "'a'", 2_000_000_000],
    [3, "'b'", 7],
    [4, "'c'", 11],
    [5, 'NULL', 13],
  ]) {
    await run(`INSERT INTO Photo (id, houseId, contentType, width, height, bytes, createdAt)
      VALUES ('${photo}', ${house}, 'image/png', 1, 1, ${bytes}, ${now})`)
  }

  await database.migrate()

  const users = await database.client.user.findMany({ orderBy: { id: 'asc' } })
  const photos = await database.client.photo.findMany({ orderBy: { id: 'asc' } })
  assert.deepEqual(
    users.map(({ id, photoBytes }) => [id, photoBytes]),
    [
      ['ann', 4_000_000_007n],
      ['bob', 11n],
      ['cid', 0n],
    ],
  )
  assert.deepEqual(
    photos.map(({ ownerId }) => ownerId),
    ['ann', 'ann', 'ann', 'bob', null],
  )
})
