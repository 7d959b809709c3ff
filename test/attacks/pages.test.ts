// Attacks on lists: pages and sizes out of every range, sorts and filters that nobody offers,
// texts that a database or a pattern could run, and cursors that are forged, damaged, borrowed or
// brought from elsewhere.
// See also: links and Host headers, ../houses/house-lists.test.ts; cursors, cursors.test.ts; long
// scans, ../houses/house-scans.test.ts; query strings of other addresses, input.test.ts.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { statementsOf } from '../support/answers.ts'
import { signedUp } from '../support/factories.ts'
import {
  ask,
  assertRefused,
  built,
  builtAll,
  cursorPageOf,
  FIELDS,
  pageOf,
} from '../support/house-rows.ts'
import { digestOfHouses, sharedServer } from '../support/houses.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { documentOf, linesWithQuery } from '../support/reference.ts'
import { routesOf } from '../support/routes.ts'

const shared = sharedServer()
const A_TO_E = ['a', 'b', 'c', 'd', 'e'].map((projectName) => ({ projectName }))

const wrongNumbers = [
  ...['0', '-1', '-0', '+1', '01', '1e2', '1e309', '5.5', '5.', '.5', '0x10', '1_0', '1,0', 'NaN'],
  ...['Infinity', 'null', 'true', 'one', '%205', '5%20', '5%0a', '%EF%BC%95', '%D9%A5', '1%00', ''],
  ...['[1]', '{}', '1;2', "1'", '1--', '2147483648000'],
]

test('GET /houses refuses every page and size that is not a plain number in range', async () => {
  const server = await shared()
  const person = await signedUp(server)
  await built(server, person)

  for (const value of wrongNumbers) {
    assertRefused(await ask(server, person, `page=${value}`), '/page')
    assertRefused(await ask(server, person, `size=${value}`), '/size')
    assertRefused(await ask(server, person, `cursor=&size=${value}`), '/size')
  }
  for (const value of ['101', '1000', '2147483648', '999999999999999999999']) {
    assertRefused(await ask(server, person, `size=${value}`), '/size')
  }
  for (const value of ['1000000000', '2147483648', '9007199254740993', '18446744073709551616']) {
    assertRefused(await ask(server, person, `page=${value}`), '/page')
  }
  assertRefused(await ask(server, person, 'page'), '/page')
  assertRefused(await ask(server, person, 'size'), '/size')
  assert.equal((await pageOf(server, person, { page: 1, size: 100 })).size, 100)
})

test('GET /houses refuses every sort and owner that there is not', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const sorts = [
    ...[
      '',
      '-',
      '--createdAt',
      '+createdAt',
      '%2BcreatedAt',
      'CreatedAt',
      'createdat',
      'createdAt%20',
    ],
    ...[
      'createdAt-',
      'createdAt,projectNo',
      'createdAt%20DESC',
      'createdAt;drop',
      '1',
      'null',
      'id',
    ],
    ...[
      'projectAddress',
      'ownerId',
      'version',
      'searchName',
      'photoCount',
      'passwordHash',
      'owner.email',
    ],
    ...[
      'owner.passwordHash',
      'constructor',
      '__proto__',
      '-__proto__',
      'toString',
      '%60createdAt%60',
    ],
    ...['createdAt%00', '(select%201)', "'", '[createdAt]', '%7B%22createdAt%22:%22asc%22%7D'],
  ]
  const { id } = person.user
  const owners = ['1', 'me', '*', id.toUpperCase(), `${id}%20`, `%20${id}`, id.slice(1), `${id}0`]
  const worse = [
    `{${id}}`,
    `${id},${id}`,
    "'%20OR%201=1--",
    '%00',
    randomUUID(),
    id.replaceAll('-', ''),
  ]

  for (const sort of sorts) {
    assertRefused(await ask(server, person, `sort=${sort}`), '/sort')
    assertRefused(await ask(server, person, `cursor=&sort=${sort}`), '/sort')
  }
  for (const owner of [...owners, ...worse]) {
    assertRefused(await ask(server, person, `ownerId=${owner}`), '/ownerId')
  }
  for (const field of FIELDS)
    assert.equal((await ask(server, person, { sort: field })).statusCode, 200)
})

test('GET /houses refuses each parameter that comes twice, also the same and also empty', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const { id } = person.user
  const values = {
    ...{ page: '1', size: '5', sort: 'createdAt', cursor: '', ownerId: id },
    ...{ projectNo: 'a', projectName: 'a', projectAddress: 'a', q: 'a' },
  }

  for (const [name, value] of Object.entries(values)) {
    const twice = [`${name}=${value}&${name}=${value}`, `${name}=&${name}=`, `${name}&${name}`]
    const hidden = `${name}=${value}&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=${value}`
    for (const query of [...twice, hidden]) {
      assertRefused(await ask(server, person, query), `/${name}`)
    }
  }
})

test('GET /houses refuses every parameter that it does not know, each by its name', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const { id } = person.user
  const cases: [query: string, name: string][] = [
    ...['limit', 'offset', 'Page', 'PAGE', 'Q', 'id', 'version', 'createdAt', 'photoCount'].map(
      (name): [string, string] => [`${name}=1`, name],
    ),
    ...['passwordHash', 'owner.email', 'owner.passwordHash', 'searchName', 'include', 'select'].map(
      (name): [string, string] => [`${name}=a`, name],
    ),
    ['size[gt]=5', 'size[gt]'],
    ['size%5Bgt%5D=5', 'size[gt]'],
    ['size[]=5', 'size[]'],
    ['projectName[contains]=a', 'projectName[contains]'],
    ['q[$ne]=a', 'q[$ne]'],
    ['where[owner][passwordHash]=a', 'where[owner][passwordHash]'],
    ['__proto__=1', '__proto__'],
    ['__proto__[size]=1', '__proto__[size]'],
    ['constructor=1', 'constructor'],
    ['constructor[prototype]=1', 'constructor[prototype]'],
    ['hasOwnProperty=1', 'hasOwnProperty'],
    ['toString=1', 'toString'],
    ['%20size=5', ' size'],
    ['size%20=5', 'size '],
    ['size%00=5', 'size\u0000'],
    ['=5', ''],
    [`access_token=${id}`, 'access_token'],
  ]

  for (const [query, name] of cases) {
    assertFaults(await ask(server, person, query), [`/${name} unknown_field`])
    assertFaults(await ask(server, person, `size=5&${query}`), [`/${name} unknown_field`])
  }
  const many = await ask(server, person, 'page=0&size=0&sort=x&ownerId=x&limit=1')
  const pointers = many
    .json<{ errors: { pointer: string }[] }>()
    .errors.map((issue) => issue.pointer)
  assert.deepEqual(pointers.sort(), ['/limit', '/ownerId', '/page', '/size', '/sort'])
  assert.equal(({} as Record<string, unknown>).size, undefined)
})

test('GET /houses refuses an encoding that is broken, wherever it is', async () => {
  const server = await shared()
  const person = await signedUp(server)
  // Cut off, no hexadecimal digits, and what is not UTF-8: lone bytes, overlong forms, surrogates.
  const broken = [
    ...['%', '%a', '%zz', 'a%', '%%', '%u0041', '100%', '%2', 'a%2gb'],
    ...['%ff', '%fe', '%80', '%c3', '%c3%28', '%c0%80', '%c0%af', '%e0%80%af', '%f8%88%80%80%80'],
    ...['%ed%a0%80', '%ed%a0%bd%ed%b8%80', '%f0%9f%98', '%f4%90%80%80', '%e4%b8'],
  ]

  for (const part of broken) {
    for (const query of [`q=${part}`, `projectNo=${part}`, `cursor=${part}`, `${part}=1`]) {
      const response = await ask(server, person, query)
      const { detail } = response.json<{ detail: string }>()
      assertProblem(response, 'malformed_request', { detail })
    }
    const later = await ask(server, person, `size=5&q=${part}&sort=createdAt`)
    assert.equal(later.json<{ code: string }>().code, 'malformed_request', part)
  }
})

test('filters refuse control characters and too long texts, each with its pointer', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const names = { projectNo: 128, projectName: 256, projectAddress: 256, q: 256 }

  for (const [name, most] of Object.entries(names)) {
    for (const control of [
      '%00',
      '%01',
      '%09',
      '%0a',
      '%0d',
      '%1b',
      '%1f',
      '%7f',
      '%c2%80',
      '%c2%9f',
    ]) {
      assertRefused(await ask(server, person, `${name}=a${control}b`), `/${name}`)
    }
    assertFaults(await ask(server, person, { [name]: 'a'.repeat(most + 1) }), [`/${name} too_long`])
    assertFaults(await ask(server, person, { [name]: 'a'.repeat(1500) }), [`/${name} too_long`])
    assert.equal((await ask(server, person, { [name]: 'a'.repeat(most) })).statusCode, 200)
  }
  const endless = await ask(server, person, { q: 'a'.repeat(20_000) })
  assertProblem(endless, 'uri_too_long')
})

test('a page and a cursor exclude one another, also where one of them is empty', async () => {
  const server = await shared()
  const person = await signedUp(server)
  await builtAll(server, person, A_TO_E)
  const { nextCursor } = (await ask(server, person, 'cursor=&size=1')).json<{
    nextCursor: string
  }>()

  for (const query of ['page=1&cursor=', 'cursor=&page=2', `page=1&cursor=${nextCursor}&size=1`]) {
    const response = await ask(server, person, query)
    const { errors } = response.json<{
      errors: { pointer: string; code: string; detail: string }[]
    }>()
    assertProblem(response, 'validation_failed', { errors })
    assert.ok(errors.every(({ pointer }) => ['/page', '/cursor'].includes(pointer)))
  }
})

test('page 999999999 is empty and costs no more statements than the first', async () => {
  const server = await shared()
  const person = await signedUp(server)
  await builtAll(server, person, A_TO_E)
  const own = { ownerId: person.user.id, size: 100, projectName: 'e' }
  const statements = async (page: number) => {
    const before = statementsOf(server).length
    const answer = await ask(server, person, { ...own, page })
    return { answer, sent: statementsOf(server).slice(before) }
  }

  const first = await statements(1)
  const last = await statements(999_999_999)

  assert.deepEqual(last.answer.json(), {
    ...{ items: [], page: 999_999_999, size: 100 },
    ...{ totalItems: 1, totalPages: 1 },
  })
  assert.ok(last.sent.length > 0 && last.sent.length <= first.sent.length)
})

/** What runs where a text becomes part of a statement. */
const injections = [
  ...["' OR '1'='1", "' OR 1=1 --", '" OR ""="', "') OR ('1'='1", "1' UNION SELECT * FROM User --"],
  ...[
    "'; DROP TABLE House; --",
    "'; UPDATE User SET role='admin'; --",
    "\\' OR 1=1 -- ",
    '` OR 1=1 -- ',
  ],
  ...[
    "' AND SLEEP(5) --",
    "' AND (SELECT COUNT(*) FROM User) > 0 --",
    '#{1+1}',
    '{{7*7}}',
    '?',
    ':q',
    '$1',
  ],
]

test('SQL in a filter is a text that no house has', async () => {
  const server = await shared()
  const person = await signedUp(server)
  await built(server, person)
  const before = await digestOfHouses(server)

  for (const text of injections) {
    for (const name of ['projectNo', 'projectName', 'projectAddress', 'q']) {
      assert.equal((await pageOf(server, person, { [name]: text })).totalItems, 0, text)
      const walk = await cursorPageOf(server, person, { [name]: text, cursor: '' })
      assert.deepEqual(walk, { items: [], nextCursor: null })
    }
  }

  assert.equal(await digestOfHouses(server), before)
})

test('lists and answers that have no pages pass over parameters of pages', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const { id } = await built(server, person)
  const lists = linesWithQuery(await documentOf(server))
  const others = routesOf(server).filter(
    (line) => /^GET \/(?!docs|$)/.test(line) && !lists.includes(line),
  )
  const queries = ['page=1', 'size=1', 'limit=1', 'offset=1', 'cursor=', 'sort=id', 'fields=id']

  for (const line of others) {
    const [, path = ''] = line.split(' ')
    const url = path.replace('{photoId}', id).replace('{id}', id).replace('{code}', 'not_found')
    const headers = { authorization: `Bearer ${person.access_token}`, accept: '*/*' }
    const plain = await server.inject({ url, headers })
    for (const query of queries) {
      const answer = await server.inject({ url: `${url}?${query}`, headers })
      assert.equal(answer.statusCode, plain.statusCode, `${url}?${query}`)
      assert.equal(answer.headers.link, undefined)
    }
  }

  assert.ok(others.length > 12)
})
