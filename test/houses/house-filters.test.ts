import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Person, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import {
  builtAll,
  encoded,
  expectedRows,
  idsOf,
  pageOf,
  type Query,
  SORTS,
  walked,
} from '../support/house-rows.ts'
import type { House as Row } from '../support/houses.ts'
import { withinTime } from '../support/within-time.ts'

/** The same on both databases, so that both are held against the same rows and filters. */
const SEED = Number(process.env.HOUSES_SEED ?? 20_260_302)
const RUNS = Number(process.env.HOUSES_RUNS ?? 24)

/** What databases, patterns and cases trip over. */
const UNITS = [
  ...['%', '_', '\\', "'", '"', ' ', '+', '&', '*', '?', '['],
  ...['a', 'A', 'b', 'B', 's', 'S', 'i', 'I', 'ı', 'İ', '\u0307'],
  ...['é', 'É', 'e\u0301', 'E\u0301', 'e', '\u0301', 'ß', 'ẞ', 'ss', 'SS'],
  ...['σ', 'ς', 'Σ', 'ﬁ', 'ŉ', 'ΐ', 'ǅ', 'Å', '\u212B', '가', '\u1100\u1161'],
  ...['中', '文', '國', '\u{1F600}', '\u{1F601}', '\u{10400}', '\u{10428}', '\uE000', '\uFFFD'],
] as const

/** A few of the units, so that texts meet; each run has others. */
const alphabets = fc.uniqueArray(fc.constantFrom(...UNITS), { minLength: 2, maxLength: 6 })
const textOf = (units: string[], minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...units), { minLength, maxLength }).map((parts) => parts.join(''))

type Wish = { projectNo: string; projectName: string; projectAddress: string | null }
type House = Wish & { isOwn: boolean }

const houses = (units: string[]): fc.Arbitrary<House[]> =>
  fc.uniqueArray(
    fc.record({
      projectNo: textOf(units, 1, 5),
      projectName: textOf(units, 1, 4),
      projectAddress: fc.option(textOf(units, 0, 6)),
      isOwn: fc.boolean(),
    }),
    { maxLength: 10, selector: ({ projectNo }) => projectNo },
  )

/** How a part of a text may be written in a filter. */
const WRITINGS = [
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  (text: string) => text.toLowerCase(),
  (text: string) => text.normalize('NFD'),
  (text: string) => text.normalize('NFC').toUpperCase().toLowerCase(),
] as const

const TEXTS = ['projectNo', 'projectName', 'projectAddress', 'q'] as const

/** A part of what a house holds, written in some way, or any text at all. */
const part = (units: string[]) =>
  fc.oneof(
    fc.record({
      row: fc.nat(9),
      start: fc.nat(4),
      length: fc.integer({ min: 1, max: 3 }),
      writing: fc.constantFrom(...WRITINGS),
    }),
    textOf(units, 0, 2),
  )

type Part = ReturnType<typeof part> extends fc.Arbitrary<infer T> ? T : never
type Ask = {
  parts: (readonly [(typeof TEXTS)[number], Part])[]
  owner: 'own' | 'other' | 'empty' | null
  sort: string
  size: number
}

const asks = (units: string[]): fc.Arbitrary<Ask[]> =>
  fc.array(
    fc.record({
      parts: fc.uniqueArray(fc.tuple(fc.constantFrom(...TEXTS), part(units)), {
        minLength: 1,
        maxLength: 4,
        selector: ([name]) => name,
      }),
      owner: fc.constantFrom(null, null, null, 'own', 'other', 'empty'),
      sort: fc.constantFrom(...SORTS),
      size: fc.integer({ min: 2, max: 11 }),
    }),
    { minLength: 1, maxLength: 8 },
  )

const plans = alphabets.chain((units) =>
  fc.record({ wishes: houses(units), questions: asks(units) }),
)

function queryOf(question: Ask, rows: readonly Row[], owners: Record<string, string>): Query {
  const query: Query = { sort: question.sort, size: question.size }
  for (const [name, wanted] of question.parts) query[name] = textIn(rows, name, wanted)
  if (question.owner) query.ownerId = owners[question.owner] ?? ''
  return query
}

function textIn(rows: readonly Row[], name: (typeof TEXTS)[number], wanted: Part): string {
  if (typeof wanted === 'string') return wanted
  const row = rows[wanted.row % Math.max(1, rows.length)]
  const text = row?.[name === 'q' ? 'projectAddress' : name] ?? row?.projectName ?? ''
  const found = [...text].slice(wanted.start, wanted.start + wanted.length).join('')
  return wanted.writing(found)
}

test('filters find what the plainest code finds, in pages and by cursor, with the same totals', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'fatal' } })
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const owners = { own: person.user.id, other: stranger.user.id }
  let [asked, found] = [0, 0]

  await fc.assert(
    fc.asyncProperty(
      plans,
      withinTime(4000, async ({ wishes, questions }) => {
        await server.database.client.house.deleteMany()
        const rows: Row[] = []
        for (const { isOwn, ...wish } of wishes) {
          rows.push(...(await builtAll(server, isOwn ? person : stranger, [wish])))
        }

        for (const question of questions) {
          const query = queryOf(question, rows, owners)
          found += await assertFound(server, person, query, rows)
          asked++
        }
      }),
    ),
    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
  )

  // A property that compares nothing with nothing would hold, too.
  t.diagnostic(`${asked} filters found ${found} houses`)
  assert.ok(found > asked / 4)
})

/** @returns how many there are */
async function assertFound(
  server: TestServer,
  person: Person,
  query: Query,
  rows: readonly Row[],
): Promise<number> {
  const expected = expectedRows(rows, query)
  const size = Number(query.size)
  const totals = { totalItems: expected.length, totalPages: Math.ceil(expected.length / size) }
  const message = `${encoded(query)} of ${JSON.stringify(rows)}`

  for (let page = 1; page <= totals.totalPages + 1; page++) {
    const items = expected.slice((page - 1) * size, page * size)
    const answer = await pageOf(server, person, { ...query, page })
    assert.deepEqual(answer, { items, page, size, ...totals }, message)
  }
  const met = await walked(server, person, query)
  assert.deepEqual(idsOf(met), idsOf(expected), `by cursor: ${message}`)
  return expected.length
}
