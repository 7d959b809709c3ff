import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { call } from './answers.ts'
import { isMysql } from './databases.ts'
import { bearer, type Person } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import type { House } from './houses.ts'
import { assertFaults, assertProblem } from './problems.ts'

export type Page = {
  items: House[]
  page: number
  size: number
  totalItems: number
  totalPages: number
}

type CursorPage = { items: House[]; nextCursor: string | null }

export const FIELDS = ['createdAt', 'updatedAt', 'projectNo', 'projectName'] as const
/** Each of them upwards and downwards. */
export const SORTS = FIELDS.flatMap((field) => [field, `-${field}`])

/** Parameters of a list, as they are before encoding. */
export type Query = Record<string, string | number>

/** `a=1&b=%25`; every character that is not plain is encoded. */
export function encoded(query: Query): string {
  const encode = (text: string | number) =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
}

/** GET /houses with the query as it is given. */
export function ask(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query | string = '',
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const text = typeof query === 'string' ? query : encoded(query)
  const line = text === '' ? 'GET /houses' : `GET /houses?${text}`
  return call(server, line, undefined, { ...bearer(person.access_token), ...headers })
}

/** A page of houses, which must come. */
export async function pageOf(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query = {},
): Promise<Page> {
  const response = await ask(server, person, query)
  assert.equal(response.statusCode, 200, `${encoded(query)}: ${response.body}`)
  return response.json<Page>()
}

/** A page of a walk by cursor, which must come. */
export async function cursorPageOf(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query & { cursor: string },
): Promise<CursorPage> {
  const response = await ask(server, person, query)
  assert.equal(response.statusCode, 200, `${encoded(query)}: ${response.body}`)
  const page = response.json<CursorPage>()
  assert.deepEqual(Object.keys(page), ['items', 'nextCursor'])
  return page
}

/** The cursor that leads to the second page. */
export async function cursorOf(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query = {},
): Promise<string> {
  const { nextCursor } = await cursorPageOf(server, person, { size: 1, ...query, cursor: '' })
  assert.ok(nextCursor, 'there is a second page')
  return nextCursor
}

/** Refuses the cursor for what it is. */
export async function assertBadCursor(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query,
): Promise<void> {
  const response = await ask(server, person, query)
  assert.equal(response.statusCode, 400, `accepted: ${JSON.stringify(query)}`)
  assertFaults(response, ['/cursor invalid_cursor'])
}

/** All that a walk by cursor meets. */
export async function walked(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query,
): Promise<House[]> {
  const rows: House[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: CursorPage = await cursorPageOf(server, person, { ...query, cursor })
    rows.push(...page.items)
    assert.ok(rows.length < 10_000, 'the walk never ends')
    cursor = page.nextCursor
  }
  return rows
}

/** All that one meets who turns the pages. */
export async function paged(
  server: TestServer,
  person: Pick<Person, 'access_token'>,
  query: Query,
): Promise<House[]> {
  const rows: House[] = []
  for (let page = 1; ; page++) {
    const { items, totalPages } = await pageOf(server, person, { ...query, page })
    rows.push(...items)
    if (page >= totalPages) return rows
  }
}

type Wish = { projectNo?: string; projectName?: string; projectAddress?: string | null }

/** A new house; what is not wished for is of its own. */
export async function built(server: TestServer, person: Person, wish: Wish = {}): Promise<House> {
  const { projectNo = uniqueName('no'), projectName = 'House', projectAddress = null } = wish
  const house = { projectNo, projectName, projectAddress }
  const response = await call(server, 'POST /houses', house, bearer(person.access_token))
  assert.equal(response.statusCode, 201, response.body)
  return response.json<House>()
}

/** New houses, one after the other. */
export async function builtAll(
  server: TestServer,
  person: Person,
  wishes: Wish[],
): Promise<House[]> {
  const rows: House[] = []
  for (const wish of wishes) rows.push(await built(server, person, wish))
  return rows
}

export async function tornDown(server: TestServer, person: Person, id: string): Promise<void> {
  const line = `DELETE /houses/${id}`
  const response = await call(server, line, undefined, bearer(person.access_token))
  assert.equal(response.statusCode, 204, response.body)
}

const FILTERED = ['projectNo', 'projectName', 'projectAddress'] as const

/**
 * What a filter takes for the same: composed or not, in lower or in upper case, with a dot or
 * without.
 */
const fold = (text: string) =>
  text.normalize('NFC').toLowerCase().toUpperCase().replaceAll('I\u0307', 'I')

/** The reference: what a list holds, by the plainest code there is. */
export function expectedRows(rows: readonly House[], query: Query): House[] {
  const has = (text: string | null, part: string) =>
    part === '' || (text !== null && fold(text).includes(fold(part)))
  const wanted = (name: string) => String(query[name] ?? '')
  return sortedRows(
    rows.filter(
      (row) =>
        FILTERED.every((name) => has(row[name], wanted(name))) &&
        (wanted('q') === '' || FILTERED.some((name) => has(row[name], wanted('q')))) &&
        ['', row.ownerId].includes(wanted('ownerId')),
    ),
    wanted('sort') || '-createdAt',
  )
}

/** By code point, then by id, both in the direction of the sort. */
export function sortedRows(rows: readonly House[], sort: string): House[] {
  return [...rows].sort((one, other) => compareRows(one, other, sort))
}

/** Below zero where the first comes first. */
export function compareRows(one: House, other: House, sort: string): number {
  const field = sort.replace('-', '') as (typeof FIELDS)[number]
  const order = compareTexts(one[field], other[field]) || compareTexts(one.id, other.id)
  return sort.startsWith('-') ? -order : order
}

/** UTF-8 keeps the order of code points; UTF-16 does not. */
function compareTexts(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** What tells one row from another in a message. */
export const idsOf = (rows: readonly House[]): string[] => rows.map(({ id }) => id)

/** A 400 whose issues all have one pointer. */
export function assertRefused(response: LightMyRequestResponse, pointer: string): void {
  const { errors = [] } = response.json<{
    errors?: { pointer: string; code: string; detail: string }[]
  }>()
  assertProblem(response, 'validation_failed', { errors })
  assert.deepEqual([...new Set(errors.map((issue) => issue.pointer))], [pointer])
}

export type Links = Partial<Record<'first' | 'prev' | 'next' | 'last', string>>

/** The targets of a Link header by relation (RFC 8288 3), each of them once. */
export function linksOf(response: LightMyRequestResponse): Links {
  const links: Record<string, string> = {}
  for (const part of String(response.headers.link).split(/, (?=<)/)) {
    const [, target = '', relation = ''] = /^<([^<>]*)>; rel="([a-z]+)"$/.exec(part) ?? []
    assert.ok(target && !(relation in links), `broken Link: ${response.headers.link}`)
    // RFC 3986 2: nothing but what an address may hold, and whole percent-encodings.
    assert.match(target, /^(?:[\w.~:/?&=+!'()*-]|%[0-9A-F]{2})+$/)
    links[relation] = target
  }
  return links
}

const BATCH = 10_000
const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')

/**
 * More houses than a scan looks at in one go, straight into the table: numbers in no order, three
 * names and three times of change, and a word in every 25th and every 2500th.
 */
export async function manyHouses(server: TestServer, person: Person, count: number): Promise<void> {
  const words = ['T0', 'T1', 'T2']
  const templates = await builtAll(
    server,
    person,
    words.map((projectNo) => ({ projectNo })),
  )
  for (const { id } of templates) {
    server.clock.advance(60)
    const change = { projectName: 'Template' }
    await call(server, `PATCH /houses/${id}`, change, bearer(person.access_token))
  }
  const number = `CONCAT('N-', n * 7919 % 100000)`
  const name = `CONCAT('NAME ', n % 3)`
  const address = `CASE WHEN n % 2500 = 24 THEN 'SELDOM OFTEN' WHEN n % 25 = 24 THEN 'OFTEN' ELSE '' END`
  // In parts: a statement has some seconds, on a slow machine, too.
  for (let from = 0; from < count; from += BATCH) {
    await server.database.client.$executeRawUnsafe(`
      INSERT INTO \`House\` (
        \`id\`, \`projectNo\`, \`projectName\`, \`projectAddress\`, \`searchNo\`, \`searchName\`,
        \`searchAddress\`, \`ownerId\`, \`version\`, \`createdAt\`, \`updatedAt\`
      )
      WITH digits AS (${digits}), numbers AS (
        SELECT a.d + b.d * 10 + c.d * 100 + d.d * 1000 + e.d * 10000 AS n
        FROM digits a, digits b, digits c, digits d, digits e 
      )
      SELECT
        CONCAT('01932c07-0000-7000-8000-', SUBSTR(CONCAT('00000000000', n), -12)), ${number}, ${name},
        ${address}, ${number}, ${name}, ${address}, \`ownerId\`, 1, \`createdAt\`, \`updatedAt\`
      FROM numbers JOIN \`House\` ON \`projectNo\` = CONCAT('T', n % 3) WHERE n >= ${from} AND n < ${Math.min(count, from + BATCH)}`)
  }
  // MySQL counts anew by itself, but only some seconds later.
  if (isMysql) await server.database.client.$executeRawUnsafe('ANALYZE TABLE `House`')
}
