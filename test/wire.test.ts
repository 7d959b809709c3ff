// runs once
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { Type } from 'typebox'
import { withChecks } from '../src/http/checks.ts'
import { acceptForms } from '../src/http/forms.ts'
import { closed, Email, IdParams, nullable, oneOf, text, Username } from '../src/http/schemas.ts'
import { createServer } from '../src/http/server.ts'
import { CsrfRejected, errorTable, WeakPassword } from '../src/platform/error-table.ts'
import { CodedError } from '../src/platform/errors.ts'
import { assertProblem } from './problems.ts'
import { assertHeaders, overHttps, standing } from './standing.ts'

const ID = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'
const thing = { username: 'lyshark', email: 'ly@example.com' }

const Thing = withChecks(
  closed({
    username: Username,
    email: Email,
    name: Type.Optional(nullable(text(5))),
    kind: Type.Optional(oneOf(['body', 'cookie'])),
    size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    either: Type.Optional(Type.Union([Type.String({ maxLength: 2 }), Type.Boolean()])),
    tags: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2 })),
    nested: Type.Optional(closed({ 'a/b~c': Type.String() })),
    password: Type.Optional(Type.String()),
    again: Type.Optional(Type.String()),
  }),
  ({ password, again }) => [
    ...(password === 'weak'
      ? [{ pointer: '/password', code: 'too_common', detail: 'Is common.', error: WeakPassword }]
      : []),
    ...(again === undefined || again === password
      ? []
      : [{ pointer: '/again', code: 'mismatch', detail: 'Must equal password.' }]),
  ],
)

/** A server with a route for each thing that the wire has to get right. */
function wire(level = 'silent', logs: string[] = []) {
  const app = createServer({
    http: { trustProxy: [], publicUrl: 'https://example.com' },
    log: { level, stream: { write: (line) => void logs.push(line) } },
    isUnavailable: (error) => error instanceof Error && error.message === 'database is locked',
    whoIs: () => 'user-1',
  })
  app.post('/things', { schema: { body: Thing } }, async ({ body }) => ({ got: body }))
  app.get('/things/:id', { schema: { params: IdParams } }, async ({ params }) => params)
  app.delete('/things/:id', async (_request, reply) => reply.code(204).send())
  app.get(
    '/page',
    {
      schema: {
        querystring: closed({ size: Type.Optional(Type.String({ pattern: '^[1-9]\\d?$' })) }),
        headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ maxLength: 3 })) }),
      },
    },
    async ({ query }) => query,
  )
  app.post(
    '/optional',
    { config: { optionalBody: true }, schema: { body: closed({}) } },
    ({ body }) => Promise.resolve({ got: body }),
  )
  app.post('/text', { config: { produces: ['text/csv', 'text/plain'] } }, (_request, reply) =>
    reply.type('text/csv').send('a,b'),
  )
  app.get('/throws/:what', async ({ params }) => {
    throw thrown[(params as { what: string }).what]
  })
  return app
}

const coded = (code: string, properties: object = {}) =>
  Object.assign(new Error('secret text of a library'), { code, ...properties })

const thrown: Record<string, unknown> = {
  error: new Error('secret: hunter2'),
  text: 'hunter2',
  nothing: undefined,
  locked: new Error('database is locked'),
  jwt: coded('FAST_JWT_INVALID_ALGORITHM'),
  wrapped: coded('FST_JWT_AUTHORIZATION_TOKEN_INVALID', { statusCode: 401 }),
  plugin: coded('FST_ERR_PLUGIN_OWN', { statusCode: 429 }),
  exposed: Object.assign(new Error('Not here'), { statusCode: 404, expose: true }),
  fetched: Object.assign(new Error('upstream said no'), { statusCode: 401 }),
  headers: CsrfRejected({ detail: 'No.', headers: { vary: 'origin' } }),
}
for (const kind of errorTable) thrown[kind.code] = new CodedError(kind)

const post = (payload: InjectOptions['payload'], headers = {}): InjectOptions => ({
  method: 'POST',
  url: '/things',
  headers: { 'content-type': 'application/json', ...headers },
  payload:
    typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
})

const fault = (pointer: string, code: string, detail: string) => ({ pointer, code, detail })
const unknownField = (pointer: string) =>
  fault(pointer, 'unknown_field', 'There is no such field here.')
const required = (pointer: string) => fault(pointer, 'required', 'This field is required.')

test('a valid request is answered with JSON, a request id and the standing headers', async () => {
  const answer = await wire().inject(post({ ...thing, name: null, size: 1 }))

  assert.deepEqual(answer.json(), { got: { ...thing, name: null, size: 1 } })
  const { date: _date, 'x-request-id': id, ...headers } = answer.headers
  assert.match(String(id), /^req-[0-9a-f-]{36}$/)
  assert.deepEqual(headers, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(answer.body)),
    ...standing,
    ...overHttps,
    connection: 'keep-alive',
  })
})

test('a server whose public address is no https leaves HSTS out, and the rest is the same', async () => {
  const http = { trustProxy: [], publicUrl: 'http://localhost:3000' }
  const app = createServer({ http, log: { level: 'silent' } })

  const answer = await app.inject({ url: '/nowhere' })

  assertHeaders(answer, { ...standing, 'strict-transport-security': undefined })
})

test('every refusal has the standing headers, the earliest too', async () => {
  const app = wire()
  const refusals: [status: number, request: InjectOptions][] = [
    [400, post('{')],
    [400, { url: '/things/%ff' }],
    [404, { url: '/nowhere' }],
    [404, { url: `/things/${'a'.repeat(500)}` }],
    [405, { method: 'PUT', url: '/page' }],
    [406, { url: '/page', headers: { accept: 'image/png' } }],
    [413, post('x'.repeat(65_537))],
    [414, { url: `/${'a'.repeat(8192)}` }],
    [415, post('a', { 'content-type': 'text/plain' })],
    [500, { url: '/throws/error' }],
    [503, { url: '/throws/locked' }],
  ]

  for (const [status, request] of refusals) {
    const answer = await app.inject(request)
    assert.equal(answer.statusCode, status, answer.body)
    assertHeaders(answer, { ...standing, ...overHttps }, String(status))
  }
})

test('a request id that a client sends is not believed', async () => {
  const answer = await wire().inject({ url: '/page', headers: { 'x-request-id': 'req-1' } })

  assert.notEqual(answer.headers['x-request-id'], 'req-1')
})

const bodies: [name: string, body: unknown, errors: object[]][] = [
  ['an empty object', {}, [required('/username'), required('/email')]],
  ['null', null, [fault('', 'wrong_type', 'Must be a JSON object.')]],
  ['an array', [thing], [fault('', 'wrong_type', 'Must be a JSON object.')]],
  ['a string', '"x"', [fault('', 'wrong_type', 'Must be a JSON object.')]],
  ['an unknown field', { ...thing, role: 'admin' }, [unknownField('/role')]],
  [
    'a long unknown field, without repeating its name',
    { ...thing, ['x'.repeat(65)]: 1 },
    [unknownField('')],
  ],
  [
    'names with signs of JSON pointers',
    { ...thing, nested: { '~/': 1 } },
    [required('/nested/a~1b~0c'), unknownField('/nested/~0~1')],
  ],
  [
    'wrong types, which are not converted',
    { username: 12345, email: ['ly@example.com'], size: '5', name: false, tags: 'a' },
    [
      fault('/username', 'wrong_type', 'Must be a string.'),
      fault('/email', 'wrong_type', 'Must be a string.'),
      fault('/name', 'wrong_type', 'Must be a string or null.'),
      fault('/size', 'wrong_type', 'Must be a whole number.'),
      fault('/tags', 'wrong_type', 'Must be an array.'),
    ],
  ],
  [
    'values out of bounds',
    { username: 'ab', email: 'no', size: 0, name: 'too long', tags: [], kind: 'other' },
    [
      fault('/username', 'too_short', 'Needs at least 3 characters.'),
      fault('/email', 'invalid_format', 'Is not a valid e-mail address.'),
      fault('/name', 'too_long', 'Takes at most 5 characters.'),
      fault('/kind', 'not_allowed', 'Must be one of: body, cookie.'),
      fault('/size', 'too_small', 'Must be at least 1.'),
      fault('/tags', 'too_short', 'Needs at least 1 item.'),
    ],
  ],
  [
    'values out of the other bounds',
    { ...thing, username: `-${'a'.repeat(32)}`, size: 101, tags: ['a', 'b', 'c'] },
    [
      fault('/username', 'too_long', 'Takes at most 32 characters.'),
      fault(
        '/username',
        'invalid_format',
        'Takes A-Z a-z 0-9 _ . - and starts with a letter or a digit.',
      ),
      fault('/size', 'too_large', 'Must be at most 100.'),
      fault('/tags', 'too_long', 'Takes at most 2 items.'),
    ],
  ],
  [
    'a value that no alternative takes',
    { ...thing, either: 5 },
    [fault('/either', 'wrong_type', 'Must be a string or true or false.')],
  ],
  [
    'a value that is wrong within one alternative',
    { ...thing, either: 'abc' },
    [fault('/either', 'too_long', 'Takes at most 2 characters.')],
  ],
  [
    'control characters',
    { ...thing, name: 'a\u0000' },
    [fault('/name', 'invalid_format', 'Control characters and broken Unicode are not allowed.')],
  ],
  [
    'a fault of the schema with faults of the checks',
    { username: 'lyshark', password: 'weak', again: 'other' },
    [
      required('/email'),
      fault('/password', 'too_common', 'Is common.'),
      fault('/again', 'mismatch', 'Must equal password.'),
    ],
  ],
]
for (const [name, body, errors] of bodies) {
  test(`a body with ${name} is 400 with every fault at once`, async () => {
    const answer = await wire().inject(post(body as object))

    assertProblem(answer, 'validation_failed', { errors: errors as never })
  })
}

test('a size of 1e400 in the text of the body is no whole number', async () => {
  const answer = await wire().inject(post('{"username":"lys","email":"a@b.cd","size":1e400}'))

  assertProblem(answer, 'validation_failed', {
    errors: [fault('/size', 'wrong_type', 'Must be a whole number.')],
  })
})

test('a lone surrogate is refused and an emoji counts as one character', async () => {
  const app = wire()

  const broken = await app.inject(post(`{"username":"lys","email":"a@b.cd","name":"\\ud800"}`))
  const whole = await app.inject(post({ ...thing, name: '😀😀😀😀😀' }))

  assertProblem(broken, 'validation_failed', {
    errors: [
      fault('/name', 'invalid_format', 'Control characters and broken Unicode are not allowed.'),
    ],
  })
  assert.deepEqual(whole.json(), { got: { ...thing, name: '😀😀😀😀😀' } })
})

test('faults that all name one error are answered with that error', async () => {
  const answer = await wire().inject(post({ ...thing, password: 'weak' }))

  assertProblem(answer, 'weak_password', {
    errors: [fault('/password', 'too_common', 'Is common.')],
  })
})

test('faults of body, query and headers come in one answer', async () => {
  const app = wire()
  app.post(
    '/all',
    {
      schema: {
        body: closed({}),
        querystring: closed({}),
        headers: Type.Object({ 'x-key': Type.String() }),
      },
    },
    async () => ({}),
  )

  const answer = await app.inject({ method: 'POST', url: '/all?b=1', payload: { a: 1 } })

  assertProblem(answer, 'validation_failed', {
    errors: [unknownField('/a'), unknownField('/b'), required('/x-key')],
  })
})

test('hundreds of faults are answered with the first hundred', async () => {
  const body = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`f${index}`, 1]))

  const answer = await wire().inject(post({ ...thing, ...body }))

  assert.equal(answer.json().errors.length, 100)
})

test('a missing body is 400 and names the fields that are missing', async () => {
  const app = wire()
  const expected = { errors: [required('/username'), required('/email')] }

  assertProblem(await app.inject({ method: 'POST', url: '/things' }), 'validation_failed', expected)
  assertProblem(await app.inject(post('')), 'validation_failed', expected)
})

test('a missing body whose fields are all optional is 400 and names the body', async () => {
  const app = wire()
  app.patch('/things', { schema: { body: closed({}) } }, async () => ({}))

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
    errors: [fault('', 'not_allowed', 'This request takes no body.')],
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
    'The body names a member of an object twice.',
  ],
  ['a member twice and no other', '{"a":1,"a":1}', 'The body names a member of an object twice.'],
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

test('a byte order mark before JSON is passed over', async () => {
  const app = wire()

  const good = await app.inject(post(`\ufeff${JSON.stringify(thing)}`))
  const twice = await app.inject(post('\ufeff{"a":1,"a":1}'))

  assert.deepEqual([good.statusCode, good.json()], [200, { got: thing }])
  assertProblem(twice, 'malformed_request', {
    detail: 'The body names a member of an object twice.',
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

/** A server with a route that takes a form, and answers with what it got. */
function formWire() {
  const app = wire()
  app.register(async (scope) => {
    acceptForms(scope)
    scope.post('/form', { schema: { body: Thing } }, async ({ body }) => ({ got: body }))
  })
  return (payload: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return app.inject({ method: 'POST', url: '/form', headers, payload })
  }
}

for (const name of [
  '__proto__',
  'constructor',
  'prototype',
  '%5F_proto__',
  'constructor[prototype]',
]) {
  test(`a form and a query with ${name} are 400 and change no prototype`, async () => {
    const send = formWire()
    const pointer = `/${decodeURIComponent(name)}`

    const form = await send(`username=lys&email=a%40b.cd&${name}=x&${name}=polluted`)
    const query = await wire().inject({ url: `/page?${name}=x&${name}=polluted` })

    assertProblem(form, 'validation_failed', { errors: [unknownField(pointer)] })
    assertProblem(query, 'validation_failed', { errors: [unknownField(pointer)] })
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    assert.deepEqual(Object.keys(Object.prototype), [])
  })
}

test('a form of 1,000 fields is read and one of 1,001 is 400', async () => {
  const send = formWire()
  const fields = (count: number) => `username=lys&email=a%40b.cd${'&a=1'.repeat(count - 2)}`

  const just = await send(fields(1000))
  const over = await send(fields(1001))

  assertProblem(just, 'validation_failed', { errors: [unknownField('/a')] })
  assertProblem(over, 'malformed_request', { detail: 'The form has more than 1000 fields.' })
})

for (const [name, values] of [
  ['host', ['localhost', 'evil.example']],
  ['host', ['localhost', 'localhost']],
  ['authorization', ['Bearer a.b.c', 'Bearer d.e.f']],
  ['content-type', ['application/json', 'text/plain']],
] as const) {
  test(`a request with ${name} twice (${values.join(', ')}) is 400`, async () => {
    const answer = await wire().inject(post(thing, { [name]: values }))

    assertProblem(answer, 'malformed_request', { detail: `The header ${name} comes twice.` })
  })
}

test('100 header fields are taken and 101 are 431', async () => {
  const app = wire()
  const { rawHeaders } = (await app.inject({ url: '/page' })).raw.req
  const send = (count: number) => {
    const more = Array.from({ length: count - rawHeaders.length / 2 }, (_, at) => [`x-${at}`, '1'])
    return app.inject({ url: '/page', headers: Object.fromEntries(more) })
  }

  assert.equal((await send(100)).statusCode, 200)
  assertProblem(await send(101), 'headers_too_large', {
    detail: 'A request has at most 100 header fields.',
  })
})

/** What a server that believes these proxies warns of, when such requests come. */
async function proxyWarnings(trustProxy: string[], requests: InjectOptions[]) {
  const logs: string[] = []
  const stream = { write: (line: string) => void logs.push(line) }
  const app = createServer({ http: { trustProxy }, log: { level: 'warn', stream } })
  app.get('/page', async ({ ip }) => ({ ip }))
  const addresses = []
  for (const request of requests) addresses.push((await app.inject(request)).json().ip)
  const warnings = logs.map((line) => JSON.parse(line)).map(({ level, msg }) => [level, msg])
  return { addresses, warnings }
}
const forwardedBy = (remoteAddress: string, name = 'x-forwarded-for'): InjectOptions => ({
  url: '/page',
  remoteAddress,
  headers: { [name]: '203.0.113.7' },
})
const unnamed = (peer: string, cure = peer, more = '') => [
  [
    40,
    `proxies: forwarded headers come from ${peer}, which TRUST_PROXY does not name, and are not believed. If this is your reverse proxy, set TRUST_PROXY=${cure}${more}; if it is not, somebody made them up and nothing is to be done.`,
  ],
]

for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']) {
  test(`${name} from a peer that nobody named is passed over, with one warning`, async () => {
    const request = forwardedBy('10.0.0.1', name)

    const { addresses, warnings } = await proxyWarnings([], [request, request, request])

    assert.deepEqual(addresses, ['10.0.0.1', '10.0.0.1', '10.0.0.1'])
    assert.deepEqual(warnings, unnamed('10.0.0.1'))
  })
}

test('the warning names the address as TRUST_PROXY takes it, and the header that is not read', async () => {
  const mapped = await proxyWarnings([], [forwardedBy('::ffff:10.0.0.1')])
  const zoned = await proxyWarnings([], [forwardedBy('fe80::1%eth0')])
  const standard = await proxyWarnings([], [forwardedBy('10.0.0.1', 'forwarded')])

  assert.deepEqual(mapped.warnings, unnamed('10.0.0.1'))
  assert.deepEqual(zoned.warnings, unnamed('fe80::1'))
  const more = ' and let it send X-Forwarded-For, since Forwarded is not read'
  assert.deepEqual(standard.warnings, unnamed('10.0.0.1', '10.0.0.1', more))
})

test('named proxies are believed without a warning, and others are warned of beside them', async () => {
  const named = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1']
  const good = ['10.9.9.9', '::ffff:10.0.0.1', 'fd00::5', '192.0.2.1'].map((peer) =>
    forwardedBy(peer),
  )

  const believed = await proxyWarnings(named, [
    ...good,
    { url: '/page', remoteAddress: '11.0.0.1' },
  ])
  const other = await proxyWarnings(named, [...good, forwardedBy('11.0.0.1'), forwardedBy('::1')])

  assert.deepEqual(believed.addresses, [...Array(4).fill('203.0.113.7'), '11.0.0.1'])
  assert.deepEqual(believed.warnings, [])
  assert.deepEqual(other.addresses.slice(4), ['11.0.0.1', '::1'])
  assert.deepEqual(other.warnings, unnamed('11.0.0.1', `${named.join(',')},11.0.0.1`))
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

for (const query of ['a=1', 'a=1&a=2', '%', 'a=%ff', '_=1764357526', '__proto__[x]=1', '?', '&&']) {
  test(`the query ?${query} is passed over where a route has no parameters`, async () => {
    const app = wire()

    for (const method of ['GET', 'HEAD', 'DELETE'] as const) {
      const plain = await app.inject({ method, url: `/things/${ID}` })
      const answer = await app.inject({ method, url: `/things/${ID}?${query}` })
      assert.deepEqual([answer.statusCode, answer.body], [plain.statusCode, plain.body])
      assert.ok(answer.statusCode < 300)
    }
  })
}

const badSizes = ['1e2', '%205', '5.5', '0', '-1', '100', '', '+5', '５']
for (const size of badSizes) {
  test(`a query with size=${size} is 400, since nothing is converted`, async () => {
    const answer = await wire().inject({ url: `/page?size=${size}` })

    assertProblem(answer, 'validation_failed', {
      errors: [fault('/size', 'invalid_format', 'Does not have the form that is asked for.')],
    })
  })
}

test('a repeated or bracketed query parameter is 400', async () => {
  const app = wire()

  assertProblem(await app.inject({ url: '/page?size=5&size=5' }), 'validation_failed', {
    errors: [fault('/size', 'wrong_type', 'Must be a string.')],
  })
  assertProblem(await app.inject({ url: '/page?size[gt]=5' }), 'validation_failed', {
    errors: [unknownField('/size[gt]')],
  })
  assertProblem(await app.inject({ url: '/page?__proto__=5' }), 'validation_failed', {
    errors: [unknownField('/__proto__')],
  })
})

test('a header out of bounds is 400 and is named', async () => {
  const answer = await wire().inject({ url: '/page', headers: { 'idempotency-key': 'abcd' } })

  assertProblem(answer, 'validation_failed', {
    errors: [fault('/idempotency-key', 'too_long', 'Takes at most 3 characters.')],
  })
})

for (const url of [
  '/',
  '/nope',
  '/things',
  '/Page',
  '/page//',
  '//page',
  '/page;x',
  '/things/%2e%2e%2fpage',
]) {
  test(`GET ${url} has no route and is 404 or 405`, async () => {
    const answer = await wire().inject({ url })

    if (url === '/things') {
      assertProblem(answer, 'method_not_allowed', { headers: { allow: 'POST' } })
    } else assertProblem(answer, 'not_found')
  })
}

for (const id of [
  'x',
  ID.toUpperCase(),
  `${ID}x`,
  'a'.repeat(500),
  '01932c07-209f-4c5d-a3b2-5a1f6c0d9e42',
]) {
  test(`a malformed id of ${id.length} characters is 404: ${id.slice(0, 40)}`, async () => {
    assertProblem(await wire().inject({ url: `/things/${id}` }), 'not_found')
  })
}

const methods = [
  ['POST', 'GET, HEAD, DELETE'],
  ['PUT', 'GET, HEAD, DELETE'],
  ['PATCH', 'GET, HEAD, DELETE'],
  ['OPTIONS', 'GET, HEAD, DELETE'],
  ['TRACE', 'GET, HEAD, DELETE'],
  ['PROPFIND', 'GET, HEAD, DELETE'],
  ['QUERY', 'GET, HEAD, DELETE'],
] as const
for (const [method, allow] of methods) {
  test(`${method} on an address without it is 405 with Allow, whatever the body`, async () => {
    const app = wire()
    const url = `/things/${ID}`

    const bare = await app.inject({ method: method as 'POST', url })
    const full = await app.inject({
      method: method as 'POST',
      url: `${url}?a=1`,
      headers: { 'content-type': 'text/x' },
      payload: '{',
    })
    const nowhere = await app.inject({ method: method as 'POST', url: '/nowhere' })

    assertProblem(bare, 'method_not_allowed', { headers: { allow } })
    assertProblem(full, 'method_not_allowed', { headers: { allow } })
    assertProblem(nowhere, 'not_found')
  })
}

test('an encoded address finds the same route and the same 405', async () => {
  const app = wire()

  assert.equal((await app.inject({ url: '/%70age' })).statusCode, 200)
  assertProblem(await app.inject({ method: 'PUT', url: '/%70age' }), 'method_not_allowed', {
    headers: { allow: 'GET, HEAD' },
  })
})

for (const [line, url] of [
  ['GET', '/page/?size=5'],
  ['HEAD', '/page/'],
  ['GET', `/things/${ID}/`],
  ['DELETE', `/things/${ID}/`],
  ['POST', '/things/'],
  ['PUT', '/things/'],
  ['POST', `/things/${ID}/`],
  ['OPTIONS', '/page/'],
  ['GET', '/nope/'],
  ['GET', '/page/?size=0'],
] as const) {
  test(`${line} ${url} is what it is without its last slash`, async () => {
    const app = wire()
    const send = async (address: string) => {
      const { statusCode, headers, body } = await app.inject({ method: line, url: address })
      const text = body.replaceAll(String(headers['x-request-id']), '')
      return [statusCode, headers.allow, text]
    }

    assert.deepEqual(await send(url), await send(url.replace(/\/(?=\?|$)/, '')))
  })
}

test('HEAD answers as GET does, with the length and without the body', async () => {
  const app = wire()

  for (const url of [`/things/${ID}`, '/things/x', '/throws/error', '/throws/unauthenticated']) {
    const get = await app.inject({ url })
    const head = await app.inject({ method: 'HEAD', url })
    const plain = ({ headers }: typeof get) => ({ ...headers, date: '', 'x-request-id': '' })

    assert.equal(head.body, '')
    assert.equal(head.statusCode, get.statusCode)
    assert.deepEqual(plain(head), plain(get))
  }
})

const accepted: [accept: string, isAccepted: boolean][] = [
  ['*/*', true],
  ['', true],
  ['application/json', true],
  ['application/*;q=0.1', true],
  ['text/html, application/json; charset=UTF-8; q=0.5', true],
  ['application/problem+json, */*;q=0', false],
  ['application/json;q=0', false],
  ['text/html', false],
  ['garbage', false],
]
for (const [accept, isAccepted] of accepted) {
  test(`Accept: ${accept} ${isAccepted ? 'takes' : 'excludes'} JSON`, async () => {
    const answer = await wire().inject({ url: '/page', headers: { accept } })

    if (isAccepted) assert.equal(answer.statusCode, 200)
    else {
      assertProblem(answer, 'not_acceptable', {
        detail: 'This address produces application/json.',
      })
    }
  })
}

test('Accept is held against what the route produces, before its body is read', async () => {
  const app = wire()
  const ask = (accept: string) =>
    app.inject({ method: 'POST', url: '/text', headers: { accept }, payload: '{' })

  assertProblem(await ask('application/json'), 'not_acceptable', {
    detail: 'This address produces text/csv or text/plain.',
  })
  assert.equal(
    (await app.inject({ method: 'POST', url: '/text', headers: { accept: 'text/*' } })).body,
    'a,b',
  )
})

for (const kind of errorTable) {
  test(`${kind.code} thrown in a handler is answered whole`, async () => {
    const answer = await wire().inject({ url: `/throws/${kind.code}` })

    const realm = 'Bearer realm="latchkey"'
    const bad = `${realm}, error="invalid_token", error_description="${kind.detail}"`
    const challenges: Record<string, string> = {
      unauthenticated: realm,
      invalid_credentials: realm,
      step_up_required: bad.replace('invalid_token', 'insufficient_user_authentication'),
    }
    const challenge = { 'www-authenticate': challenges[kind.code] ?? bad }
    const isLater = kind.status === 429 || kind.status === 503
    const headers = kind.status === 401 ? challenge : isLater ? { 'retry-after': '1' } : undefined
    assertProblem(answer, kind.code, headers === undefined ? {} : { headers })
  })
}

const invalidToken = {
  headers: {
    'www-authenticate':
      'Bearer realm="latchkey", error="invalid_token", error_description="The token is not valid here."',
  },
}
const foreign: [what: string, code: string, expected: object][] = [
  ['error', 'internal', {}],
  ['text', 'internal', {}],
  ['nothing', 'internal', {}],
  ['fetched', 'internal', {}],
  ['locked', 'unavailable', { headers: { 'retry-after': '1' } }],
  ['jwt', 'invalid_token', invalidToken],
  ['wrapped', 'invalid_token', invalidToken],
  ['plugin', 'rate_limited', { headers: { 'retry-after': '1' } }],
  ['exposed', 'not_found', {}],
  ['headers', 'csrf_rejected', { detail: 'No.', headers: { vary: 'origin' } }],
]
for (const [what, code, expected] of foreign) {
  test(`what a handler throws (${what}) becomes ${code}, without its text`, async () => {
    assertProblem(await wire().inject({ url: `/throws/${what}` }), code, expected)
  })
}

test('a handler over its time is 503 overloaded, and what it comes to is dropped', async () => {
  const http = { trustProxy: [] }
  const app = createServer({ http, log: { level: 'silent' }, timeouts: { handler: 40 } })
  const gate = new EventEmitter()
  app.get('/slow', async () => {
    await once(gate, 'go on')
    return { late: true }
  })
  app.get('/quick', async () => ({ ok: true }))
  await app.listen({ port: 0 })

  const answer = await app.inject({ url: '/slow' })
  gate.emit('go on')

  assertProblem(answer, 'overloaded', { headers: { 'retry-after': '1' } })
  assert.deepEqual((await app.inject({ url: '/quick' })).json(), { ok: true })
  await app.close()
})

test('an address that is no valid encoding is 400', async () => {
  assertProblem(await wire().inject({ url: '/things/%ff' }), 'malformed_request', {
    detail: 'The path is not valid percent-encoded UTF-8.',
  })
})

test('an address over 8,192 characters is 414, with a route, without one or malformed', async () => {
  const app = wire()
  const long = 'a'.repeat(8192)

  for (const url of [`/page?${long}`, `/${long}`, `/things/${long}`, `/%ff${long}`]) {
    assertProblem(await app.inject({ url }), 'uri_too_long')
  }
})

test('the log has one line for a request, with its route and without its address', async () => {
  const logs: string[] = []
  const app = wire('info', logs)

  await app.inject({ url: '/page?size=canary', headers: { authorization: 'Bearer canary' } })
  await app.inject({ url: '/canary' })
  await app.inject(post({ password: 'canary' }))

  const lines = logs.map((line) => JSON.parse(line))
  const facts = lines.map(({ method, route, status, user, problem, ip, msg }) => {
    return { method, route, status, user, problem, ip, msg }
  })
  const same = { user: 'user-1', ip: '127.0.0.1', msg: 'request' }
  assert.deepEqual(facts, [
    { method: 'GET', route: '/page', status: 400, problem: 'validation_failed', ...same },
    { method: 'GET', route: null, status: 404, problem: 'not_found', ...same },
    { method: 'POST', route: '/things', status: 400, problem: 'validation_failed', ...same },
  ])
  assert.ok(lines.every(({ ms, requestId }) => ms >= 0 && requestId.startsWith('req-')))
  assert.doesNotMatch(logs.join(''), /canary/)
})

test('a fault of the server is logged with its stack under the id of the answer', async () => {
  const logs: string[] = []
  const app = wire('error', logs)

  const answer = await app.inject({ url: '/throws/error' })

  const [line, ...rest] = logs.map((entry) => JSON.parse(entry))
  assert.deepEqual(rest, [])
  assert.equal(line.requestId, answer.json().instance)
  assert.equal(line.code, 'internal')
  assert.equal(line.err.message, 'secret: hunter2')
  assert.match(line.err.stack, /wire\.test/)
})

test('secrets that somebody logs by mistake are cut out', async () => {
  const logs: string[] = []
  const app = wire('info', logs)

  app.log.info({
    password: 'canary',
    body: { refresh_token: 'canary', newPassword: 'canary' },
    req: { headers: { authorization: 'canary', cookie: 'canary' } },
  })

  assert.equal(logs.length, 1)
  assert.doesNotMatch(String(logs[0]), /canary/)
})
