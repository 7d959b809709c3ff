import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { call, UUID_V7 } from './answers.ts'
import { startServer } from './helper.ts'
import {
  ask,
  built,
  builtAll,
  encoded,
  expectedRows,
  idsOf,
  type Links,
  linksOf,
  type Page,
  paged,
  pageOf,
  type Query,
  SORTS,
  sortedRows,
  walked,
} from './house-rows.ts'
import type { House } from './houses.ts'
import { bearer, signedUp } from './people.ts'
import { assertFaults, assertProblem } from './problems.ts'

const PUBLIC_URL = 'http://localhost:3000'

/** Houses whose names say in which order they came, the newest first as lists give them. */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ projectName: `House ${index}` }))

/** Compares the pages that the links lead to; every other parameter is as it was given. */
function assertLinks(
  response: LightMyRequestResponse,
  given: Query,
  pages: Partial<Record<keyof Links, number>>,
  base = PUBLIC_URL,
): void {
  const { page: _page, ...kept } = given
  const found = Object.entries(linksOf(response)).map(([relation, target]) => {
    const { origin, pathname, hash, searchParams } = new URL(target)
    assert.equal(`${origin}${pathname}${hash}`, `${base}/houses`)
    const { page, ...others } = Object.fromEntries(searchParams)
    assert.equal([...searchParams].length, Object.keys(others).length + 1, 'nothing twice')
    if (given.size === undefined) delete others.size
    assert.deepEqual(
      others,
      Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)])),
    )
    return [relation, Number(page)]
  })
  assert.deepEqual(Object.fromEntries(found), pages)
}

test('GET /houses answers the newest twenty of everybody, whole, with totals and links', async (t) => {
  const server = await startServer(t)
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const rows = [
    ...(await builtAll(server, stranger, numbered(2))),
    ...(await builtAll(server, person, numbered(20))),
  ]

  const response = await ask(server, person)

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.deepEqual(response.json(), {
    items: rows.toReversed().slice(0, 20),
    page: 1,
    size: 20,
    totalItems: 22,
    totalPages: 2,
  })
  assert.deepEqual(Object.keys(response.json<Page>().items[0] ?? {}).sort(), [
    'createdAt',
    'id',
    'ownerId',
    'projectAddress',
    'projectName',
    'projectNo',
    'updatedAt',
    'version',
  ])
  assertLinks(response, {}, { first: 1, next: 2, last: 2 })
  const { items, ...rest } = await pageOf(server, stranger, { page: 2 })
  assert.deepEqual(items, [rows[1], rows[0]])
  assert.deepEqual(rest, { page: 2, size: 20, totalItems: 22, totalPages: 2 })
})

test('GET /houses gives each page its links: first, middle, last, beyond, the only one and none', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(server, person, numbered(5))
  const query = { size: 2, sort: 'projectNo', projectName: 'hou', ownerId: person.user.id }
  const on = (page: number) => ask(server, person, { ...query, page })

  const unnamed = await ask(server, person, query)
  const [first, middle, last] = [await on(1), await on(2), await on(3)]
  const beyond = await on(5)
  const only = await ask(server, person, { size: 5 })
  const nothing = await ask(server, person, { q: 'nowhere' })

  assertLinks(unnamed, query, { first: 1, next: 2, last: 3 })
  assertLinks(first, query, { first: 1, next: 2, last: 3 })
  assertLinks(middle, query, { first: 1, prev: 1, next: 3, last: 3 })
  assertLinks(last, query, { first: 1, prev: 2, last: 3 })
  assertLinks(beyond, query, { first: 1, prev: 3, last: 3 })
  assert.deepEqual(beyond.json(), { items: [], page: 5, size: 2, totalItems: 5, totalPages: 3 })
  assertLinks(only, { size: 5 }, { first: 1, last: 1 })
  assertLinks(nothing, { q: 'nowhere' }, { first: 1, last: 1 })
  assert.deepEqual(nothing.json(), {
    items: [],
    page: 1,
    size: 20,
    totalItems: 0,
    totalPages: 0,
  })
})

test('the links of GET /houses lead through all of it, whatever the filters hold', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const odd = `50% _\\ '"+&=#?;,<>/: é \u{1F600} 中文 ${'{}[]|^`'}`
  const wishes = numbered(5).map((wish) => ({ ...wish, projectAddress: `at ${odd}.` }))
  const rows = await builtAll(server, person, wishes)
  await builtAll(server, person, numbered(2))

  const query = { projectAddress: odd, q: odd, size: 2, sort: 'createdAt' }
  const met: House[] = []
  let response = await ask(server, person, query)
  assertLinks(response, query, { first: 1, next: 2, last: 3 })
  for (let next: string | undefined = ''; next !== undefined; ) {
    assert.equal(response.statusCode, 200, response.body)
    met.push(...response.json<Page>().items)
    next = linksOf(response).next
    if (next === undefined) break
    response = await ask(server, person, new URL(next).search.slice(1))
  }

  assert.deepEqual(met, rows)
})

for (const trusted of ['', '127.0.0.1']) {
  const whom = trusted === '' ? 'nobody' : 'a proxy'
  test(`links start with PUBLIC_URL whatever the host headers say, with trust in ${whom}`, async (t) => {
    const base = 'https://houses.example.net:8443'
    const server = await startServer(t, { env: { PUBLIC_URL: base, TRUST_PROXY: trusted } })
    const person = await signedUp(server)
    await builtAll(server, person, numbered(3))

    const response = await ask(
      server,
      person,
      { size: 1, page: 2 },
      {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'gopher',
        'x-forwarded-prefix': '/evil',
        'x-original-url': '/evil',
        forwarded: 'host=evil.example;proto=http',
      },
    )

    assertLinks(response, { size: 1 }, { first: 1, prev: 1, next: 3, last: 3 }, base)
    assert.ok(!JSON.stringify([response.headers, response.body]).includes('evil'))
  })
}

test('GET /houses sorts by each field in both directions, by code point, ties by id', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const names = [
    ...[
      'b',
      'a',
      'B',
      'A',
      'a ',
      'a',
      'Z',
      'é',
      'e\u0301',
      'É',
      'e',
      'ß',
      'ss',
      '中文',
      '中',
      '文',
    ],
    ...[
      '\u{1F600}',
      '\uE000',
      '\uFFFD',
      '\u{10FFFF}',
      '\uD7FF',
      '10',
      '9',
      '_',
      '%',
      '~',
      'a',
      'A',
    ],
  ]
  const wishes = names.map((projectName, index) => {
    const isFirst = names.indexOf(projectName) === index
    return { projectName, projectNo: isFirst ? projectName : `${projectName}-${index}` }
  })
  const built = await builtAll(server, person, wishes)
  for (const [index, row] of built.entries()) {
    if (index % 4 === 0) server.clock.advance(60)
    if (index % 3 !== 0) continue
    const change = { projectAddress: 'moved' }
    await call(server, `PATCH /houses/${row.id}`, change, bearer(person.access_token))
  }
  const rows = (await pageOf(server, person, { size: 100 })).items
  assert.equal(rows.length, names.length)
  assert.deepEqual(rows.map((row) => row.projectName).sort(), [...names].sort())

  for (const sort of SORTS) {
    const expected = idsOf(sortedRows(rows, sort))
    const [whole, inPages, inCursors] = [
      await pageOf(server, person, { sort, size: 100 }),
      await paged(server, person, { sort, size: 7 }),
      await walked(server, person, { sort, size: 5 }),
    ]

    assert.deepEqual(idsOf(whole.items), expected, sort)
    assert.deepEqual(idsOf(inPages), expected, `${sort} in pages`)
    assert.deepEqual(idsOf(inCursors), expected, `${sort} by cursor`)
  }
  const byDefault = await pageOf(server, person, { size: 100 })
  assert.deepEqual(idsOf(byDefault.items), idsOf(sortedRows(rows, '-createdAt')))
})

test('lists by -createdAt give the newest first, also of one millisecond', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const rows = await builtAll(server, person, numbered(12))

  assert.deepEqual((await pageOf(server, person)).items, rows.toReversed())
  assert.deepEqual((await pageOf(server, person, { sort: 'createdAt' })).items, rows)
  for (const { id } of rows) assert.match(id, UUID_V7)
})

test('GET /houses of one owner holds the houses of that one alone', async (t) => {
  const server = await startServer(t)
  const [one, other, none] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const rows = await builtAll(server, one, numbered(3))
  const others = await builtAll(server, other, numbered(2))

  const of = (ownerId: string) => pageOf(server, none, { ownerId, sort: 'createdAt' })

  assert.deepEqual((await of(one.user.id)).items, rows)
  assert.deepEqual((await of(other.user.id)).items, others)
  assert.equal((await of(none.user.id)).totalItems, 0)
  assert.equal((await of(randomV7())).totalItems, 0)
  assert.equal((await of('')).totalItems, 5)
})

/** A well-formed id that nobody has. */
function randomV7(): string {
  const random = randomUUID()
  return `${random.slice(0, 14)}7${random.slice(15)}`
}

test('empty filters do not filter, and an address that is null is found by none', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const without = await built(server, person, { projectNo: 'N-1', projectName: 'null' })
  const empty = await built(server, person, { projectNo: 'N-2', projectAddress: '' })
  const full = await built(server, person, { projectNo: 'N-3', projectAddress: 'null' })
  const list = async (query: Query) => idsOf((await pageOf(server, person, query)).items)
  const nothing = { projectNo: '', projectName: '', projectAddress: '', q: '', ownerId: '' }

  assert.deepEqual(await list(nothing), idsOf([full, empty, without]))
  assert.deepEqual(await list({ projectAddress: 'null' }), [full.id])
  assert.deepEqual(await list({ projectAddress: 'N' }), [full.id])
  assert.deepEqual(await list({ q: 'null' }), idsOf([full, without]))
  assert.deepEqual(await list({ q: 'nullnull' }), [])
  assert.equal(empty.projectAddress, '')
  assert.equal(without.projectAddress, null)
})

test('q looks in each of the three texts alone, other filters must all hold', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const wishes = [
    { projectNo: 'alpha', projectName: 'beta', projectAddress: 'gamma' },
    { projectNo: 'beta', projectName: 'gamma', projectAddress: 'alpha' },
    { projectNo: 'gamma', projectName: 'alpha', projectAddress: 'beta' },
  ]
  const [one, two, three] = idsOf(await builtAll(server, person, wishes))
  const list = async (query: Query) =>
    idsOf((await pageOf(server, person, { ...query, sort: 'createdAt' })).items)

  assert.deepEqual(await list({ q: 'ALPHA' }), [one, two, three])
  assert.deepEqual(await list({ q: 'alpha', projectNo: 'bet' }), [two])
  assert.deepEqual(await list({ projectNo: 'a', projectName: 'a', projectAddress: 'mm' }), [one])
  assert.deepEqual(await list({ projectName: 'pha', projectAddress: 'gamma' }), [])
  for (const q of ['alphabeta', 'betagamma', 'alpha beta', 'aalpha']) {
    assert.deepEqual(await list({ q }), [], q)
  }
  assert.deepEqual(await list({ projectName: 'm' }), [two])
  assert.deepEqual(await list({ q: 'ph', projectAddress: 'ph' }), [two])
})

const texts = [
  ...['100%', '100x', 'a_b', 'axb', 'a\\b', 'a\\\\b', 'a\\%b', 'a\\_b', "O'Hara", 'O"Hara', "''"],
  ...['a+b', 'a b', 'a&b=c', 'a;b', '--', '/*', '*', '?', '[a-z]', '^a', 'a$', '.', '#', '%25'],
  ...['a  b', ' a', 'a ', '$1', '{{x}}', '$(x)', '`', '|', '~', '<b>', '&amp;'],
  ...[
    '\u{1F600}',
    '\u{1F601}',
    '\u{1F468}\u200D\u{1F469}',
    '👍🏽',
    '中文',
    '中国',
    '國',
    '한글',
    'ｱ',
  ],
]

test('filters take every character for itself, in each field and in q', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(
    server,
    person,
    texts.map((text) => ({
      projectNo: text,
      projectName: `n${text}`,
      projectAddress: `(${text})`,
    })),
  )
  const rows = (await pageOf(server, person, { size: 100 })).items
  const parts = [...texts, '%', '_', '\\', "'", '"', '+', ' ', '&', '%%', '\\\\', '__', '(', 'n%']

  for (const part of parts) {
    for (const field of ['projectNo', 'projectName', 'projectAddress', 'q']) {
      const query = { [field]: part, size: 100 }
      const expected = idsOf(expectedRows(rows, query))
      const { items, totalItems } = await pageOf(server, person, query)
      assert.deepEqual(idsOf(items), expected, encoded(query))
      assert.equal(totalItems, expected.length)
    }
  }
  const plus = await ask(server, person, 'projectNo=a+b')
  assert.deepEqual(plus.json<Page>().items[0]?.projectNo, 'a b', 'a bare + is a space')
})

/** Texts that are the same but for their case or their composition, and one that is not. */
const twins: [name: string, same: string[], other: string][] = [
  ['ASCII', ['straw', 'STRAW', 'sTrAw'], 'strew'],
  ['é in both cases, composed and decomposed', ['é', 'É', 'e\u0301', 'E\u0301'], 'e'],
  ['ß, SS and the capital ẞ', ['maß', 'MASS', 'mass', 'maß'.toUpperCase(), 'MAẞ'], 'mas'],
  ['the sigmas', ['ΟΔΟΣ', 'οδος', 'οδοσ', 'Οδος'], 'οδο'],
  ['Cyrillic', ['Улица', 'улица', 'УЛИЦА'], 'улиса'],
  ['a dotless ı and I', ['ı', 'I', 'i'], 'l'],
  ['a dotted İ, composed and decomposed', ['İ', 'I\u0307', 'i\u0307'], 'I'],
  ['ligatures', ['ﬁ', 'FI', 'fi'], 'f'],
  ['digraphs in three cases', ['ǆ', 'ǅ', 'Ǆ'], 'd'],
  ['astral letters', ['\u{10428}', '\u{10400}'], '\u{10429}'],
  ['full-width letters, which are not ASCII', ['Ａ', 'ａ'], 'A'],
  ['Å and the sign of the unit', ['Å', 'å', '\u212B', 'A\u030A'], 'A'],
  ['Hangul, composed and decomposed', ['한', '한'.normalize('NFD')], '하'],
]

test('filters take texts for the same that differ in case or composition alone', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const [name, same, other] of twins) {
    const wishes = [...same, other].map((text) => ({ projectName: text, projectAddress: text }))
    const rows = await builtAll(server, person, wishes)
    const expected = idsOf(rows.slice(0, same.length)).reverse()

    for (const part of same) {
      for (const field of ['projectName', 'projectAddress', 'q']) {
        const { items } = await pageOf(server, person, { [field]: part, size: 100 })
        const own = items.filter(({ id }) => idsOf(rows).includes(id))
        assert.deepEqual(idsOf(own), expected, `${name}: ${encoded({ [field]: part })}`)
      }
    }
  }
})

test('a text comes back and is counted as it was written, whatever a filter makes of it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const wish = {
    projectNo: 'ß'.repeat(128),
    projectName: 'ΐ'.repeat(256),
    projectAddress: '\u{1F600}'.repeat(256),
  }
  const row = await built(server, person, wish)

  const found = await Promise.all([
    pageOf(server, person, { projectNo: 'S'.repeat(128) }),
    pageOf(server, person, { projectNo: 'ß'.repeat(128) }),
    pageOf(server, person, { projectName: 'ΐ'.repeat(256) }),
    pageOf(server, person, { q: '中'.repeat(200) }),
  ])

  assert.deepEqual({ ...row, ...wish }, row)
  assert.deepEqual(
    found.map(({ items }) => items),
    [[row], [row], [row], []],
  )
})

for (const name of ['projectName', 'projectAddress', 'q']) {
  test(`${name} takes 256 code points of any script, as the contract says`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const text = '\u{1F600}'.repeat(256)
    const row = await built(server, person, { projectName: text, projectAddress: text })

    const response = await ask(server, person, { [name]: text })
    const longer = await ask(server, person, { [name]: `${text}x` })

    assert.equal(response.statusCode, 200, response.body)
    assert.deepEqual(response.json<Page>().items, [row])
    assertFaults(longer, [`/${name} too_long`])
  })
}

test('HEAD /houses has the headers of GET and no body', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await builtAll(server, person, numbered(3))
  const headers = bearer(person.access_token)

  for (const query of ['size=2', 'q=nowhere', 'cursor=&size=2', 'cursor=&q=nowhere']) {
    const got = await call(server, `GET /houses?${query}`, undefined, headers)
    const head = await call(server, `HEAD /houses?${query}`, undefined, headers)

    assert.deepEqual([head.statusCode, head.body], [200, ''])
    for (const name of ['content-type', 'content-length', 'cache-control', 'link']) {
      assert.equal(head.headers[name], got.headers[name], name)
    }
  }
  const refused = await call(server, 'HEAD /houses?size=0', undefined, headers)
  assert.deepEqual([refused.statusCode, refused.body], [400, ''])
})

test('GET /houses without a good token is a 401, in either mode', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await built(server, person)

  for (const line of ['GET /houses', 'GET /houses?cursor=', 'GET /houses?q=a&page=2']) {
    assertProblem(await call(server, line), 'unauthenticated')
    assertProblem(await call(server, line, undefined, bearer('a.b.c')), 'invalid_token')
    const wrongKind = bearer(person.refresh_token)
    assertProblem(await call(server, line, undefined, wrongKind), 'invalid_token')
  }
  server.clock.advance(901)
  assertProblem(await ask(server, person), 'token_expired')
})

test('GET /houses shows a change and a deletion at once, in rows and totals', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  const [one, two, three] = await builtAll(server, person, numbered(3))

  await call(server, `PATCH /houses/${one?.id}`, { projectName: 'Ärger' }, headers)
  await call(server, `DELETE /houses/${two?.id}`, undefined, headers)

  const now = await pageOf(server, person)
  assert.deepEqual(idsOf(now.items), [three?.id, one?.id])
  assert.equal(now.totalItems, 2)
  assert.deepEqual(idsOf((await pageOf(server, person, { q: 'äRGER' })).items), [one?.id])
  assert.equal((await pageOf(server, person, { q: 'House 0' })).totalItems, 0)
})
