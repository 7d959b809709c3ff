import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { statementsOf } from '../support/answers.ts'
import { isMysql, openFreshDatabase, queryMysql } from '../support/databases.ts'
import { type Person, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import {
  aHouse,
  ask,
  assertRefused,
  assertStored,
  countHouses,
  type House,
  newAdmin,
  newHouse,
  sharedServer,
  tally,
} from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'

const MOST = 5
const KEYS_PER_DAY = 10_000
const DAY = 86_400
const theServer = sharedServer({ HOUSES_PER_USER: String(MOST) })

const make = (
  server: TestServer,
  person: { access_token: string },
  key?: string,
  body = aHouse(),
) =>
  ask(server, 'POST /houses', person, {
    body,
    ...(key ? { headers: { 'idempotency-key': key } } : {}),
  })

/** Somebody who has as many houses as the bound allows. */
async function withAll(server: TestServer) {
  const person = await signedUp(server)
  const houses: House[] = []
  for (let n = 0; n < MOST; n++) houses.push(await newHouse(server, person))
  return { person, houses }
}

test('a house beyond the limit is 409 limit_reached; a deleted one no longer counts', async () => {
  const server = await theServer()
  const { person, houses } = await withAll(server)
  const [first] = houses as [House]

  const beyond = await make(server, person)
  const changed = await ask(server, `PATCH /houses/${first.id}`, person, {
    body: { projectName: 'x' },
  })
  const removed = await ask(server, `DELETE /houses/${first.id}`, person)
  const again = [await make(server, person), await make(server, person)]

  assertProblem(beyond, 'limit_reached', { detail: 'You have 5 houses; no more are allowed.' })
  assert.deepEqual([changed.statusCode, removed.statusCode], [200, 204])
  assert.deepEqual(tally(again), { 201: 1, '409 limit_reached': 1 })
  assert.equal(await countHouses(server, person), MOST)
})

test('the limit is for each user, admins too, and a deletion by an admin counts for the owner', async () => {
  const server = await theServer()
  const { person, houses } = await withAll(server)
  const admin = await newAdmin(server)
  for (let n = 0; n < MOST; n++) await newHouse(server, admin)

  const ofAdmin = await make(server, admin)
  const removed = await ask(server, `DELETE /houses/${houses[0]?.id}`, admin)
  const after = [await make(server, admin), await make(server, person), await make(server, person)]

  assertRefused(ofAdmin, 'limit_reached')
  assert.equal(removed.statusCode, 204)
  assert.deepEqual(
    after.map(({ statusCode }) => statusCode),
    [409, 201, 409],
  )
})

test('a creation or a deletion that is refused counts nothing', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const [stranger, other] = [await signedUp(server), await signedUp(server)]
  const theirs = await newHouse(server, stranger)
  const body = { ...aHouse(), projectNo: theirs.projectNo }
  const own = await newHouse(server, person)

  for (let n = 0; n < MOST; n++) {
    assertRefused(await make(server, person, undefined, body), 'project_no_taken')
    assertRefused(await make(server, person, uniqueName('key'), body), 'project_no_taken')
    const headers = { 'if-match': '"7"' }
    const stale = await ask(server, `DELETE /houses/${own.id}`, person, { headers })
    const foreign = await ask(server, `DELETE /houses/${theirs.id}`, person)
    const gone = await ask(server, `DELETE /houses/${person.user.id}`, person)
    assertRefused(stale, 'precondition_failed')
    assertRefused(foreign, 'not_owner')
    assertRefused(gone, 'not_found')
  }

  const made = []
  for (let n = 0; n < MOST; n++) made.push(await make(server, person))
  assert.deepEqual(tally(made), { 201: MOST - 1, '409 limit_reached': 1 })
  assert.equal(await countHouses(server, other), 0)
})

test('many creations at once, on two servers, with keys and without, reach the bound and do not pass it', async (t) => {
  const url = await freshDatabase(t)
  const env = { HOUSES_PER_USER: String(MOST) }
  const [one, two] = [await startServer(t, { url, env }), await startServer(t, { url, env })]
  const person = await signedUp(one)
  const victim = await newHouse(one, person)

  const answers = await Promise.all([
    ask(one, `DELETE /houses/${victim.id}`, person),
    ...Array.from({ length: 40 }, (_, n) =>
      make(n % 2 ? one : two, person, n % 4 < 2 ? uniqueName('key') : undefined),
    ),
  ])

  const [removed, ...made] = answers
  assert.equal(removed?.statusCode, 204)
  assert.deepEqual(tally(made), { 201: MOST, '409 limit_reached': 40 - MOST })
  assert.equal(await countHouses(one, person), MOST)
  assertRefused(await make(two, person), 'limit_reached')
})

test('parallel deletions of one house count once', async (t) => {
  const url = await freshDatabase(t)
  const env = { HOUSES_PER_USER: String(MOST) }
  const [one, two] = [await startServer(t, { url, env }), await startServer(t, { url, env })]
  const { person, houses } = await withAll(one)
  const admin = await newAdmin(one)

  const removed = await Promise.all(
    [one, two, one, two].map((server, n) =>
      ask(server, `DELETE /houses/${houses[0]?.id}`, n < 2 ? person : admin),
    ),
  )

  assert.deepEqual(tally(removed), { 204: 1, '404 not_found': 3 })
  const made = [await make(one, person), await make(two, person)]
  assert.deepEqual(tally(made), { 201: 1, '409 limit_reached': 1 })
})

test('at the bound a repeated request still gets its first answer, and a new key is not kept', async () => {
  const server = await theServer()
  const { person, houses } = await withAll(server)
  await ask(server, `DELETE /houses/${houses[0]?.id}`, person)
  const [key, late, body] = [uniqueName('key'), uniqueName('late'), aHouse()]

  const first = await make(server, person, key, body)
  const repeated = await make(server, person, key, body)
  const refused = await make(server, person, late)
  await ask(server, `DELETE /houses/${houses[1]?.id}`, person)
  const room = await make(server, person, late)

  assert.deepEqual([first.statusCode, repeated.body], [201, first.body])
  assertRefused(refused, 'limit_reached')
  assert.equal(room.statusCode, 201, room.body)
  await assertStored(server, person, first.json<House>())
})

test('a creation costs the same statements with no house and with thousands', async (t) => {
  const server = await startServer(t, { env: { HOUSES_PER_USER: '1000000' } })
  const person = await signedUp(server)
  const statements = async () => {
    const before = statementsOf(server).length
    await newHouse(server, person)
    return statementsOf(server).slice(before)
  }

  const first = await statements()
  await server.database.client.user.updateMany({ data: { houseCount: 999_999 } })
  const last = await statements()

  assert.deepEqual(last, first)
  assert.ok(!first.some((sql) => /COUNT\(/i.test(sql)), first.join('\n'))
  assertRefused(await make(server, person), 'limit_reached')
})

test('a user may send 10,000 new keys in a day, even if the houses are deleted; retries still work', async (t) => {
  const server = await startServer(t)
  server.clock.advance(DAY - ((server.clock() / 1000) % DAY) + 1)
  const person = await signedUp(server)
  const [key, body] = [uniqueName('key'), aHouse()]
  const first = await make(server, person, key, body)
  await setKeys(server, person, KEYS_PER_DAY - 1)

  const last = await make(server, person, uniqueName('key'))
  const refused = await make(server, person, uniqueName('key'))
  const repeated = await make(server, person, key, body)
  const without = await make(server, person)

  assert.equal(last.statusCode, 201, last.body)
  assertProblem(refused, 'rate_limited', {
    detail: 'You have used 10,000 new Idempotency-Keys today; wait, or continue without one.',
    headers: { 'retry-after': String(DAY - 1) },
  })
  assert.deepEqual([repeated.statusCode, repeated.body], [201, first.body])
  assert.equal(without.statusCode, 201, without.body)
  assert.equal(await countHouses(server, person), 3)
})

test('new keys are taken again with the next day, counted from one', async (t) => {
  const server = await startServer(t, { env: { ACCESS_TOKEN_TTL: '1d', REFRESH_TOKEN_TTL: '2d' } })
  const person = await signedUp(server)
  await make(server, person, uniqueName('key'))
  await setKeys(server, person, KEYS_PER_DAY)
  const refused = await make(server, person, uniqueName('key'))

  server.clock.advance(Number(refused.headers['retry-after']))
  const made = await make(server, person, uniqueName('key'))

  assertRefused(refused, 'rate_limited')
  assert.equal(made.statusCode, 201, made.body)
  const row = await server.database.client.user.findUnique({ where: { id: person.user.id } })
  assert.equal(row?.keyCount, 1)
})

test('new keys are taken though the clock was once set to a later day', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await make(server, person, uniqueName('key'))
  await setKeys(server, person, KEYS_PER_DAY)
  await server.database.client.user.update({
    where: { id: person.user.id },
    data: { keyDay: { increment: 400 } },
  })

  const made = await make(server, person, uniqueName('key'))

  assert.equal(made.statusCode, 201, made.body)
})

test('parallel requests on two servers never store more keys than the bound', async (t) => {
  const url = await freshDatabase(t)
  const [one, two] = [await startServer(t, { url }), await startServer(t, { url })]
  const person = await signedUp(one)
  await make(one, person, uniqueName('key'))
  await setKeys(one, person, KEYS_PER_DAY - 3)

  const made = await Promise.all(
    Array.from({ length: 20 }, (_, n) => make(n % 2 ? one : two, person, uniqueName('key'))),
  )

  assert.deepEqual(tally(made), { 201: 3, '429 rate_limited': 17 })
})

test('a user who already has more houses than a new limit keeps them, and may change them', async (t) => {
  const { client, url } = await openFreshDatabase(t)
  const server = await startServer(t, { url, env: { HOUSES_PER_USER: '3' } })
  const person = await signedUp(server)
  const other = await signedUp(server)
  const at = new Date()
  const houses = Array.from({ length: MOST }, (_, n) => ({
    ...{ id: `${n}`, projectNo: `${n}`, projectName: 'x', createdAt: at, updatedAt: at },
    ...{ searchNo: '', searchName: '', searchAddress: '', ownerId: person.user.id },
  }))
  await client.house.createMany({ data: houses })

  await countAsMigrationDoes()

  const rows = await client.user.findMany({ select: { id: true, houseCount: true } })
  const counts = new Map(rows.map(({ id, houseCount }) => [id, houseCount]))
  assert.deepEqual([counts.get(person.user.id), counts.get(other.user.id)], [MOST, 0])
  assertRefused(await make(server, person), 'limit_reached')
  assert.equal((await make(server, other)).statusCode, 201)
  assert.equal(await countHouses(server, person), MOST)

  async function countAsMigrationDoes(): Promise<void> {
    const kind = isMysql ? 'mysql' : 'sqlite'
    const path = `../../prisma/${kind}/migrations/20261128160000_house_bounds/migration.sql`
    const [count = ''] =
      /^UPDATE .*$/m.exec(readFileSync(new URL(path, import.meta.url), 'utf8')) ?? []
    assert.notEqual(count, '')
    if (isMysql) await queryMysql(url, count)
    else await client.$executeRawUnsafe(count)
  }
})

/** As if the person had used so many new keys today. */
async function setKeys(server: TestServer, { user }: Person, keyCount: number): Promise<void> {
  await server.database.client.user.updateMany({ where: { id: user.id }, data: { keyCount } })
}
