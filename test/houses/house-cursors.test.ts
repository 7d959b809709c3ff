import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { call } from '../support/answers.ts'
import { bearer, type Person, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import {
  ask,
  assertBadCursor,
  built,
  builtAll,
  compareRows,
  cursorOf,
  cursorPageOf,
  idsOf,
  pageOf,
  type Query,
  SORTS,
  sortedRows,
  tornDown,
  walked,
} from '../support/house-rows.ts'
import type { House } from '../support/houses.ts'
import { withinTime } from '../support/within-time.ts'

const named = (...names: string[]) => names.map((projectName) => ({ projectName }))
const A_TO_E = named('a', 'b', 'c', 'd', 'e')

test('GET /houses?cursor= walks to the end in pages of any size and says where it is', async (t) => {
  const server = await startServer(t)
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const rows = [
    ...(await builtAll(server, person, A_TO_E)),
    ...(await builtAll(server, stranger, named('f', 'g'))),
  ]
  const newest = rows.toReversed()

  const first = await ask(server, person, { cursor: '', size: 1 })
  const second = await cursorPageOf(server, person, { cursor: cursorIn(first.body), size: 4 })
  const third = await cursorPageOf(server, person, { cursor: String(second.nextCursor), size: 2 })

  assert.equal(first.statusCode, 200)
  assert.equal(first.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(first.headers['cache-control'], 'no-store')
  assert.deepEqual(first.json(), { items: newest.slice(0, 1), nextCursor: cursorIn(first.body) })
  assert.deepEqual(second.items, newest.slice(1, 5))
  assert.deepEqual(third, { items: newest.slice(5), nextCursor: null })
})

const cursorIn = (body: string) => String((JSON.parse(body) as { nextCursor: unknown }).nextCursor)

test('nextCursor is null wherever nothing comes after, also after a full page', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const nothing = await cursorPageOf(server, person, { cursor: '' })
  const rows = (await builtAll(server, person, A_TO_E)).reverse()

  const full = await cursorPageOf(server, person, { cursor: '', size: 5 })
  const byDefault = await cursorPageOf(server, person, { cursor: '' })
  const filtered = await cursorPageOf(server, person, { cursor: '', size: 1, projectName: 'C' })
  const unmatched = await cursorPageOf(server, person, { cursor: '', q: 'nowhere' })

  assert.deepEqual(nothing, { items: [], nextCursor: null })
  assert.deepEqual(full, { items: rows, nextCursor: null })
  assert.deepEqual(byDefault, { items: rows, nextCursor: null })
  assert.deepEqual(filtered, { items: [rows[2]], nextCursor: null })
  assert.deepEqual(unmatched, { items: [], nextCursor: null })
})

test('a cursor to deleted rows leads to an empty last page', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const rows = await builtAll(server, person, A_TO_E)
  const cursor = await cursorOf(server, person)

  for (const { id } of rows) await tornDown(server, person, id)

  assert.deepEqual(await cursorPageOf(server, person, { cursor }), { items: [], nextCursor: null })
})

test('a cursor leads to the same page again, in another session and on another server', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const person = await signedUp(server)
  await builtAll(server, person, A_TO_E)
  const query = { sort: 'projectName', projectName: 'B' }
  await builtAll(server, person, named('bb', 'Bb'))
  const cursor = await cursorOf(server, person, query)

  const other = await startServer(t, { url, clock: server.clock })
  const session = await signedIn(other, person)
  const pages = [
    await cursorPageOf(server, person, { ...query, cursor }),
    await cursorPageOf(server, person, { ...query, cursor }),
    await cursorPageOf(other, session, { ...query, cursor }),
  ]

  assert.equal(pages[0]?.items.length, 2)
  assert.deepEqual(pages[1]?.items, pages[0]?.items)
  assert.deepEqual(pages[2]?.items, pages[0]?.items)
})

test('a cursor fits the list that made it, however its defaults are written', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const rows = (await builtAll(server, person, A_TO_E)).reverse()
  const cursor = await cursorOf(server, person)
  const empty = { projectNo: '', projectName: '', projectAddress: '', q: '', ownerId: '' }

  const page = await cursorPageOf(server, person, { cursor, sort: '-createdAt', ...empty })

  assert.deepEqual(page.items, rows.slice(1))
})

test('a cursor of the longest names and of every script leads on', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const texts = ['\u{1F600}'.repeat(256), '中'.repeat(256), '"\\'.repeat(128), 'ΐ'.repeat(256), ' ']
  const wishes = texts.map((text, index) => ({
    projectName: text,
    projectNo: `${index}${[...text].slice(0, 127).join('')}`,
  }))
  const rows = await builtAll(server, person, wishes)

  for (const sort of SORTS) {
    const met = await walked(server, person, { sort, size: 1 })
    assert.deepEqual(idsOf(met), idsOf(sortedRows(rows, sort)), sort)
  }
})

const OLD = Buffer.from('old-master-secret-0123456789-abcdefghijklmnop')
const NEW = Buffer.from('new-master-secret-9876543210-ponmlkjihgfedcba')

test('a cursor of an older master secret works as long as that secret is listed', async (t) => {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url, masterSecrets: [OLD] })
  const { clock } = before
  const person = await signedUp(before)
  const rows = (await builtAll(before, person, A_TO_E)).reverse()
  const cursor = await cursorOf(before, person)
  await before.close()

  const during = await startServer(t, { url, clock, masterSecrets: [NEW, OLD] })
  const { items } = await cursorPageOf(during, person, { cursor })
  const newer = await cursorOf(during, person)
  await during.close()
  const after = await startServer(t, { url, clock, masterSecrets: [NEW] })

  assert.deepEqual(items, rows.slice(1))
  await assertBadCursor(after, person, { cursor })
  assert.deepEqual((await cursorPageOf(after, person, { cursor: newer })).items, rows.slice(1))
})

test('a page by cursor counts nothing and skips over nothing, at any depth', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(server, person, named(...'abcdefghijkl'))

  for (const sort of SORTS) {
    const statements: number[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const before = server.queries.length
      cursor = (await cursorPageOf(server, person, { sort, cursor, size: 2 })).nextCursor
      const sent = server.queries.slice(before).filter((sql) => sql.includes('House'))
      statements.push(sent.length)
      for (const sql of sent) assert.doesNotMatch(sql, /COUNT\(|OFFSET\s+[1-9]/i)
    }
    assert.deepEqual([...new Set(statements)].length, 1, `${sort}: ${statements}`)
  }
})

test('a row that is moved ahead is met there, and nothing else is lost', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const rows = await builtAll(server, person, A_TO_E)
  const { items, nextCursor } = await cursorPageOf(server, person, {
    ...{ sort: 'projectName', size: 2, cursor: '' },
  })

  const line = `PATCH /houses/${rows[0]?.id}`
  await call(server, line, { projectName: 'dd' }, bearer(person.access_token))
  const rest = await cursorPageOf(server, person, {
    ...{ sort: 'projectName', cursor: String(nextCursor) },
  })

  assert.deepEqual(idsOf(items), [rows[0]?.id, rows[1]?.id])
  const names = rest.items.map(({ projectName }) => projectName)
  assert.deepEqual(names, ['c', 'd', 'dd', 'e'])
})

// Few names, so that most rows tie; both ends of the order of code points are among them.
const NAMES = ['a', 'a', 'a', 'b', 'A', 'a ', '中', '\u{1F600}', '\uFFFD'] as const

type Change =
  | { kind: 'insert'; name: string }
  | { kind: 'delete'; place: number }
  | { kind: 'wait' }

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('delete' as const), place: fc.nat(40) }),
  fc.record({ kind: fc.constant('wait' as const) }),
)

/** What happens before each page is asked for, and how large that page is. */
const steps = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 4 }), changes: fc.array(change, { maxLength: 3 }) }),
  { maxLength: 6 },
)

type Walk = {
  server: TestServer
  person: Person
  sort: string
  /** What is in the list now. */
  present: House[]
  /** What was in it from the beginning and still is. */
  lasting: Set<string>
}

async function make({ server, person, present, lasting }: Walk, step: Change): Promise<void> {
  if (step.kind === 'wait') return server.clock.advance(1)
  if (step.kind === 'insert') {
    present.push(await built(server, person, newHouse(step.name)))
    return
  }
  const [row] = present.splice(step.place % Math.max(1, present.length), 1)
  if (!row) return
  await tornDown(server, person, row.id)
  lasting.delete(row.id)
}

let count = 0
const newHouse = (name: string) => ({
  projectName: name,
  // Numbers of no order, each once.
  projectNo: `${name}${(count++ * 7919) % 1000}-${uniqueName('')}`,
})

/** Walks to the end while the list changes under it. */
async function walkUnderChanges(walk: Walk, plan: { size: number; changes: Change[] }[]) {
  const { server, person, sort } = walk
  const met: House[] = []
  const rest = [...plan]
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { size, changes } = rest.shift() ?? { size: 3, changes: [] }
    for (const step of changes) await make(walk, step)
    const query: Query & { cursor: string } = { sort, size, cursor, ownerId: person.user.id }
    const page = await cursorPageOf(server, person, query)
    assert.ok(page.items.length <= size)
    assert.ok(page.nextCursor === null || page.items.length > 0, 'a page that leads on has rows')
    met.push(...page.items)
    cursor = page.nextCursor
  }
  return met
}

const SEED = Number(process.env.HOUSES_SEED ?? 20_260_301)

test('a walk returns each row that was there all the time once, in order, while others come and go', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'fatal' } })
  const names = fc.array(fc.constantFrom(...NAMES), { maxLength: 9 })

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SORTS),
      names,
      steps,
      withinTime(4000, async (sort, first, plan) => {
        const person = await signedUp(server)
        const present = await builtAll(server, person, first.map(newHouse))
        const lasting = new Set(idsOf(present))
        const walk: Walk = { server, person, sort, present, lasting }

        const met = await walkUnderChanges(walk, plan)

        const ids = idsOf(met)
        assert.equal(new Set(ids).size, ids.length, 'no row twice')
        for (const id of walk.lasting) assert.ok(ids.includes(id), 'every lasting row')
        const isOrdered = met.every((row, place) => {
          const next = met[place + 1]
          return next === undefined || compareRows(row, next, sort) < 0
        })
        assert.ok(isOrdered, `by ${sort}: ${JSON.stringify(met)}`)
      }),
    ),
    { numRuns: 64, seed: SEED, includeErrorInReport: true },
  )
})

test('pages and cursors show the same list', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(
    server,
    person,
    named(...NAMES).map(({ projectName }) => newHouse(projectName)),
  )

  for (const sort of SORTS) {
    for (const filter of [{}, { q: 'a' }, { projectName: 'A', ownerId: person.user.id }]) {
      const whole = await pageOf(server, person, { ...filter, sort, size: 100 })
      assert.deepEqual(await walked(server, person, { ...filter, sort, size: 2 }), whole.items)
    }
  }
})
