// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strictObject } from '../../src/contract/schema.ts'
import { assertProblem } from '../support/problems.ts'
import { fault, ID, post, required, thing, unknownField, wire } from '../support/wire-server.ts'

test('a missing body whose fields are all optional is 400 and names the body', async () => {
  const app = wire()
  app.patch('/things', { schema: { body: strictObject({}) } }, async () => ({}))

  const answer = await app.inject({ method: 'PATCH', url: '/things' })

  assertProblem(answer, 'validation_failed', {
    errors: [fault('', 'required', 'This request needs a JSON body.')],
  })
})

test('a body that may be missing is an empty object for the handler', async () => {
  const answer = await wire().inject({ method: 'POST', url: '/optional' })

  assert.deepEqual(answer.json(), { got: {} })
})

test('a body where the route takes none is 400, and an empty one is fine', async () => {
  const app = wire()
  const url = `/things/${ID}`

  const full = await app.inject({ method: 'DELETE', url, payload: { a: 1 } })
  const empty = await app.inject({ method: 'DELETE', url, payload: {} })
  const typed = await app.inject({
    method: 'DELETE',
    url,
    headers: { 'content-type': 'application/json' },
  })

  assertProblem(full, 'validation_failed', {
    errors: [fault('', 'not_allowed', 'This request must not have a body.')],
  })
  assert.equal(empty.statusCode, 204)
  assert.equal(typed.statusCode, 204)
})

const TOO_LARGE = 'The body has more than 1000 members and elements.'
const nested = (depth: number, open = '[', close = ']') =>
  open.repeat(depth - 1) + open.at(0) + close.repeat(depth)
const listOf = (length: number) => JSON.stringify(Array(length).fill(1))
const membersOf = (count: number) => `{${Array.from({ length: count }, (_, at) => `"m${at}":1`)}}`

const malformed: [name: string, payload: string | Buffer, detail: string][] = [
  ['no JSON', '{"username":', 'The body is not valid JSON.'],
  ['text after the JSON', '{} {}', 'The body is not valid JSON.'],
  ['__proto__', '{"__proto__":{"x":1}}', 'The body is not valid JSON.'],
  ['constructor.prototype', '{"constructor":{"prototype":{}}}', 'The body is not valid JSON.'],
  [
    '__proto__ far below, in escapes',
    '{"a":[[{"b":{"\\u005f_proto_\\u005F":{"x":1}}}]]}',
    'The body is not valid JSON.',
  ],
  [
    'constructor.prototype far below',
    '[{"a":{"constructor":{"a":1,"prototype":{"x":1}}}}]',
    'The body is not valid JSON.',
  ],
  ['endless nesting', '['.repeat(30_000), 'The body is not valid JSON.'],
  ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'The body is not valid UTF-8.'],
  ['a byte order mark and no more', '\ufeff', 'The body is not valid JSON.'],
  ['two byte order marks', '\ufeff\ufeff{}', 'The body is not valid JSON.'],
  [
    'a member twice',
    '{"a":1,"b":{"c":"a\\":","c":2}}',
    'The body has an object with a duplicate member.',
  ],
  [
    'a member twice and no other',
    '{"a":1,"a":1}',
    'The body has an object with a duplicate member.',
  ],
  ['21 arrays in one another', nested(21), 'The body is deeper than 20 levels.'],
  ['21 objects in one another', nested(21, '{"a":', '}'), 'The body is deeper than 20 levels.'],
  ['32,768 arrays in one another', nested(32_768), 'The body is deeper than 20 levels.'],
  [
    '10,922 objects in one another',
    nested(10_922, '{"a":', '}'),
    'The body is deeper than 20 levels.',
  ],
  ['1,001 elements', listOf(1001), TOO_LARGE],
  ['32,767 elements', listOf(32_767), TOO_LARGE],
  ['1,001 members', membersOf(1001), TOO_LARGE],
  ['1,001 members and elements', `{"a":${listOf(500)},"b":{"c":${listOf(498)}}}`, TOO_LARGE],
]
for (const [name, payload, detail] of malformed) {
  test(`a body with ${name} is 400 malformed_request`, async () => {
    const answer = await wire().inject(post(payload))

    assertProblem(answer, 'malformed_request', { detail })
    assert.equal(({} as { x?: unknown }).x, undefined)
  })
}

test('a byte order mark before JSON is ignored', async () => {
  const app = wire()

  const good = await app.inject(post(`\ufeff${JSON.stringify(thing)}`))
  const twice = await app.inject(post('\ufeff{"a":1,"a":1}'))

  assert.deepEqual([good.statusCode, good.json()], [200, { got: thing }])
  assertProblem(twice, 'malformed_request', {
    detail: 'The body has an object with a duplicate member.',
  })
})

test('a body of 20 levels or of 1,000 members and elements is read', async () => {
  const app = wire()

  const deep = await app.inject(post(`{"a":${nested(19)}}`))
  const large = await app.inject(post(`{"a":${listOf(500)},"b":{"c":${listOf(497)}}}`))

  assertProblem(deep, 'validation_failed', {
    errors: [required('/username'), required('/email'), unknownField('/a')],
  })
  assertProblem(large, 'validation_failed', {
    errors: [required('/username'), required('/email'), unknownField('/a'), unknownField('/b')],
  })
})

test('a body that repeats names in different objects or in texts is fine', async () => {
  const payload =
    '{"username":"lys","email":"a@b.cd","tags":["\\"tags\\":","a\\\\"],"nested":{"a/b~c":"\\":"}}'

  const answer = await wire().inject(post(payload))

  assert.deepEqual(answer.json(), { got: JSON.parse(payload) })
})

const mediaTypes: [type: string, detail: string][] = [
  ['text/plain', 'Send the body as application/json.'],
  ['application/x-www-form-urlencoded', 'Send the body as application/json.'],
  ['multipart/form-data; boundary=x', 'Send the body as application/json.'],
  ['application/vnd.api+json', 'Send the body as application/json.'],
  ['application/json5', 'Send the body as application/json.'],
  ['application/ json', 'Send the body as application/json.'],
  ['application\t/json', 'Send the body as application/json.'],
  ['', 'Send the body as application/json.'],
  ['application/json; charset=latin1', 'Send the body in UTF-8.'],
  ['application/json; charset="utf-16"', 'Send the body in UTF-8.'],
]
for (const [type, detail] of mediaTypes) {
  test(`a body of type ${JSON.stringify(type)} is 415`, async () => {
    const answer = await wire().inject(post(thing, { 'content-type': type }))

    assertProblem(answer, 'unsupported_media_type', { detail })
  })
}

for (const type of [
  'application/json; charset=UTF-8',
  'Application/JSON',
  'application/json;charset="utf-8"',
]) {
  test(`a body of type ${type} is JSON, and its schema holds`, async () => {
    const app = wire()

    const good = await app.inject(post(thing, { 'content-type': type }))
    const bad = await app.inject(post({ ...thing, a: 1 }, { 'content-type': type }))

    assert.equal(good.statusCode, 200)
    assertProblem(bad, 'validation_failed', { errors: [unknownField('/a')] })
  })
}

test('a compressed body is 415 before it is read', async () => {
  const answer = await wire().inject(post(thing, { 'content-encoding': 'gzip' }))

  assertProblem(answer, 'unsupported_media_type', {
    detail: 'Send the body without Content-Encoding.',
  })
})

test('a body over 64 KiB is 413 and one of 64 KiB is read', async () => {
  const app = wire()
  const sized = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`

  const over = await app.inject(post(sized(65_537)))
  const just = await app.inject(post(sized(65_536)))

  assertProblem(over, 'payload_too_large', { headers: { connection: 'close' } })
  assert.equal(just.json().code, 'validation_failed')
})
