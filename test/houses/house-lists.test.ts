import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { call, UUID_V7 } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import {
  ask,
  built,
  builtAll,
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
} from '../support/house-rows.ts'
import { type House, numbered } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'

const PUBLIC_URL = 'http://localhost:3000'

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

test('the links of GET /houses lead through all pages, with any filters', async (t) => {
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
  test(`links start with PUBLIC_URL despite any host headers, with trust in ${whom}`, async (t) => {
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
