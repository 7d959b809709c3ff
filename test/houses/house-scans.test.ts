import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { createHouseList, orderOf } from '../../src/features/houses/list.ts'
import { houseListRoutes } from '../../src/features/houses/list-routes.ts'
import { createServer } from '../../src/http/app.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { sqliteDialect } from '../../src/platform/database/sqlite/dialect.ts'
import { call } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import {
  ask,
  builtAll,
  encoded,
  expectedRows,
  idsOf,
  manyHouses,
  type Page,
  pageOf,
  type Query,
  SORTS,
  walked,
} from '../support/house-rows.ts'
import type { House } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'

async function storedRows({ database }: TestServer): Promise<House[]> {
  const omit = { photoCount: true, searchNo: true, searchName: true, searchAddress: true } as const
  const rows = await database.client.house.findMany({ omit })
  return rows.map((row) => ({
    ...row,
    id: row.id as House['id'],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }))
}

test('a filter misses nothing among more houses than a scan looks at in one go', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'fatal' } })
  const person = await signedUp(server)
  await manyHouses(server, person, 9_000)
  const rows = await storedRows(server)
  const check = async (query: Query, pages: number[]) => {
    const expected = idsOf(expectedRows(rows, query))
    const size = Number(query.size)
    const totals = [expected.length, Math.ceil(expected.length / size)]
    for (const page of pages) {
      const answer = await pageOf(server, person, { ...query, page })
      const ids = expected.slice((page - 1) * size, page * size)
      assert.deepEqual(idsOf(answer.items), ids, `${encoded(query)}, page ${page}`)
      assert.deepEqual([answer.totalItems, answer.totalPages], totals)
    }
    return expected
  }

  for (const sort of SORTS) {
    await check({ sort, size: 5, projectAddress: 'seldom' }, [1, 2])
  }
  for (const sort of ['-createdAt', 'updatedAt', '-projectNo', 'projectName']) {
    await check({ sort, size: 100, q: 'ame 1', ownerId: person.user.id }, [50])
  }
  for (const sort of ['createdAt', '-updatedAt', 'projectNo', '-projectName']) {
    const query = { sort, size: 100, projectAddress: 'OFTEN' }
    const expected = await check(query, [9])
    assert.deepEqual(idsOf(await walked(server, person, query)), expected, encoded(query))
  }
})

test('a scan lets other requests run in between', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'fatal' } })
  const person = await signedUp(server)
  await manyHouses(server, person, 50_000)
  const headers = bearer(person.access_token)
  let isOver = false
  let answered = 0

  const scan = ask(server, person, { q: 'nowhere' }).then((response) => {
    isOver = true
    return response
  })
  while (!isOver) {
    // One request for each turn of the event loop, as they come from sockets.
    await setImmediate()
    const other = await call(server, 'GET /verify', undefined, headers)
    assert.equal(other.statusCode, 200)
    answered++
  }

  assert.equal((await scan).json<Page>().totalItems, 0)
  t.diagnostic(`${answered} others were answered meanwhile`)
  assert.ok(answered >= 4, `${answered} others were answered`)
})

test('a scan over its time limit is a 503 that says when to come again', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(server, person, [{ projectName: 'one' }, { projectName: 'two' }])
  const { client: db, dialect } = server.database
  const houseList = createHouseList({ db, dialect, scanLimitMs: 0 })
  const app = createServer({ http: { trustProxy: [] }, log: { level: 'silent' } })
  t.after(() => app.close())
  await server.services.guard.install(app)
  await app.register(houseListRoutes, { ...server.services, houseList, publicUrl: 'http://a.test' })
  const get = (query: string) =>
    app.inject({ url: `/houses?${query}`, headers: bearer(person.access_token) })

  for (const query of ['q=o', 'q=o&page=2', 'projectName=nowhere', 'cursor=&projectNo=n']) {
    const response = await get(query)

    const { detail } = response.json<{ detail: string }>()
    assertProblem(response, 'overloaded', { detail, headers: { 'retry-after': '1' } })
  }
})

test('many parallel scans queue and are answered', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'fatal' } })
  const person = await signedUp(server)
  const [row] = await builtAll(server, person, [{ projectName: 'one' }])

  const responses = await Promise.all(
    Array.from({ length: 100 }, () => ask(server, person, { projectName: 'ONE' })),
  )

  for (const response of responses) {
    assert.equal(response.statusCode, 200, response.body)
    assert.deepEqual(response.json<Page>().items, [row])
  }
})

/** A list over a database in which each statement waits until it is let go. */
function heldList({ scanLimitMs = 60_000 } = {}) {
  const held: (() => void)[] = []
  let most = 0
  const $queryRaw = () =>
    new Promise((resolve) => {
      held.push(() => resolve([]))
      most = Math.max(most, held.length)
    })
  const db = { $queryRaw } as unknown as Database
  const list = createHouseList({ db, dialect: sqliteDialect, scanLimitMs })
  const release = async () => {
    while (held.length > 0) {
      for (const letGo of held.splice(0)) letGo()
      await setImmediate()
      await setImmediate()
    }
  }
  return { list, release, most: () => most }
}

test('two scans run in parallel, a thousand wait, and one more is refused at once', async () => {
  const { list, release, most } = heldList()
  const scan = () => list.after({ q: 'x' }, orderOf('createdAt'), { from: undefined, size: 20 })

  const taken = Array.from({ length: 1_002 }, scan)
  await setImmediate()
  const beyond = await scan().catch((error: Error) => error.message)
  const unfiltered = list.after({}, orderOf('createdAt'), { from: undefined, size: 20 })
  await setImmediate()
  const running = most()
  await release()
  const answers = await Promise.allSettled([...taken, unfiltered])

  assert.match(String(beyond), /busy/)
  // The two scans, and the list that looks through nothing and waits for nobody.
  assert.equal(running, 3)
  assert.ok(answers.every(({ status }) => status === 'fulfilled'))
  assert.ok(most() <= 3, `${most()} at once`)
})

test('who has filled the queue with scans waits behind the first one of another account', async () => {
  const { list, release } = heldList()
  const order: string[] = []
  const scan = async (account: string) => {
    const asker = { network: account, account }
    await list.after({ q: 'x' }, orderOf('createdAt'), { from: undefined, size: 20, asker })
    order.push(account)
  }

  const greedy = Array.from({ length: 1_002 }, () => scan('greedy').catch(() => undefined))
  const other = scan('other')
  await setImmediate()
  await release()
  await Promise.all([...greedy, other])

  assert.ok(order.indexOf('other') <= 4, `as number ${order.indexOf('other') + 1}`)
})

test('the time that a scan waits for its turn counts', async () => {
  const { list, release } = heldList({ scanLimitMs: 50 })
  const scan = () => list.after({ q: 'x' }, orderOf('createdAt'), { from: undefined, size: 20 })

  const running = [scan(), scan()]
  const late = assert.rejects(scan(), { message: /took too long/ })
  await sleep(100)
  await release()

  await Promise.all(running)
  await late
})
