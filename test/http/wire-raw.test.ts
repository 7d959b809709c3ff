// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { strictObject } from '../../src/contract/schema.ts'
import { createServer } from '../../src/http/app.ts'
import { assertHeaders, defaultHeaders, overHttps, spoken } from '../support/default-headers.ts'
import { assertProblem } from '../support/problems.ts'
import { exchange, rawConnection } from '../support/raw-http.ts'

type Timeouts = { headers?: number; request?: number; handler?: number }

/** A server for bytes that no HTTP client would send. */
function wire(t: TestContext, timeouts: Timeouts = {}) {
  const http = { trustProxy: [], publicUrl: 'https://example.com' }
  const app = createServer({ http, log: { level: 'silent' }, timeouts })
  app.get('/page', async () => ({ ok: true }))
  app.post('/things', { schema: { body: strictObject({}) } }, async () => ({ ok: true }))
  t.after(() => app.close())
  return app
}

const closing = { headers: { connection: 'close' } }
const HOST = 'Host: localhost\r\n'

const garbage: [name: string, bytes: string][] = [
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['bare garbage', '\x00\x01\x02\x03\r\n\r\n'],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an unknown method', `BREW /page HTTP/1.1\r\n${HOST}\r\n`],
  ['an unknown version', `GET /page HTTP/9.9\r\n${HOST}\r\n`],
  ['a header without a colon', `GET /page HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`],
  ['a space before the colon', `GET /page HTTP/1.1\r\n${HOST}X-A : b\r\n\r\n`],
  [
    'Content-Length and Transfer-Encoding',
    `POST /things HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'two different Content-Lengths',
    `POST /things HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  ],
  ['a negative Content-Length', `POST /things HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`],
  [
    'a broken chunk size',
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ],
]
for (const [name, bytes] of garbage) {
  test(`a request with ${name} is 400 malformed_request and the connection is closed`, async (t) => {
    const answer = await exchange(t, wire(t), bytes)

    assertProblem(answer, 'malformed_request', closing)
    assert.equal(answer.reason, 'Bad Request')
    assertHeaders(answer, { ...defaultHeaders, ...overHttps })
  })
}

test('headers over 16 KiB are 431 and the connection is closed', async (t) => {
  const answer = await exchange(
    t,
    wire(t),
    `GET /page HTTP/1.1\r\n${HOST}X-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
  )

  assertProblem(answer, 'headers_too_large', closing)
  assertHeaders(answer, { ...defaultHeaders, ...overHttps })
})

test('more header fields than 100 are 431, also where Node drops some by itself', async (t) => {
  const app = wire(t)
  const ask = (count: number) =>
    exchange(
      t,
      app,
      `GET /page HTTP/1.1\r\n${HOST}Connection: close\r\n${'a:b\r\n'.repeat(count - 2)}\r\n`,
    )

  assert.equal((await ask(100)).body, '{"ok":true}')
  const detail = 'A request may have at most 100 header fields.'
  assertProblem(await ask(101), 'headers_too_large', { detail, ...closing })
  // Newer versions of Node refuse this many by themselves.
  const flood = await ask(3000)
  assertProblem(flood, 'headers_too_large', { detail: JSON.parse(flood.body).detail, ...closing })
})

test('a flood of headers is 431 and the client gets to read it', async (t) => {
  const connection = await rawConnection(t, wire(t))

  connection.say(`GET /page HTTP/1.1\r\n${HOST}X-Big: ${'x'.repeat(300_000)}`)
  const [answer] = await connection.answers()

  assert.ok(answer)
  assertProblem(answer, 'headers_too_large', closing)
})

test('a request without Host is 400 in HTTP/1.1 and fine in HTTP/1.0', async (t) => {
  const app = wire(t)

  const modern = await exchange(t, app, 'GET /page HTTP/1.1\r\nConnection: close\r\n\r\n')
  const old = await exchange(t, app, 'GET /page HTTP/1.0\r\n\r\n')

  assertProblem(modern, 'malformed_request', { detail: 'The Host header is missing.' })
  assert.equal(old.body, '{"ok":true}')
})

for (const [name, fields] of [
  ['host', 'HOST: evil.example'],
  ['authorization', 'Authorization: Bearer a.b.c\r\nauthorization: Bearer d.e.f'],
  ['content-type', 'Content-Type: application/json\r\nContent-type: text/plain'],
] as const) {
  test(`a request with ${name} twice is 400, where Node would drop one in silence`, async (t) => {
    const answer = await exchange(
      t,
      wire(t),
      `GET /page HTTP/1.1\r\n${HOST}${fields}\r\nConnection: close\r\n\r\n`,
    )

    assertProblem(answer, 'malformed_request', {
      detail: `The header ${name} was sent twice.`,
      ...closing,
    })
  })
}

test('a request without a version of HTTP is 400', async (t) => {
  const answer = await exchange(t, wire(t), `GET /page\r\n${HOST}\r\n`)

  assertProblem(answer, 'malformed_request', {
    detail: 'The version of HTTP is too old.',
    ...closing,
  })
})

test('headers that come too slowly are 408 and the connection is closed', async (t) => {
  const answer = await exchange(t, wire(t, { headers: 100 }), 'GET /page HTTP/1.1\r\nX-Slow: ')

  assertProblem(answer, 'request_timeout', closing)
})

for (const [what, head] of [
  ['headers', 'GET /page HTTP/1.1\r\nX-Slow: '],
  [
    'a body',
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n`,
  ],
] as const) {
  test(`${what} that arrives byte by byte with pauses is 408, too`, async (t) => {
    const connection = await rawConnection(t, wire(t, { headers: 100, request: 200 }))
    connection.say(head)
    const drip = setInterval(() => connection.say('x'), 20)
    t.after(() => clearInterval(drip))

    const [answer] = await connection.answers()

    assert.ok(answer)
    assertProblem(answer, 'request_timeout', closing)
    assertHeaders(answer, { ...defaultHeaders, ...overHttps })
  })
}

test('a body that arrives too slowly is 408 and the connection is closed', async (t) => {
  const app = wire(t, { headers: 100, request: 200 })
  const head = `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`

  const answer = await exchange(t, app, head)

  assertProblem(answer, 'request_timeout', closing)
})

test('a body shorter than Content-Length is never taken for a whole one', async (t) => {
  const app = wire(t)
  const connection = await rawConnection(t, app)

  connection.say(
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{}`,
  )
  connection.socket.end()
  const [answer] = await connection.answers()

  assert.notEqual(answer?.statusCode, 200)
})

test('a large body on a route without one closes the connection, a small one does not', async (t) => {
  const app = wire(t)
  const head = (length: number) =>
    `POST /nowhere HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  const connection = await rawConnection(t, app)

  connection.say(`${head(2)}{}${head(1_000_000)}{`)
  const [small, large, ...rest] = await connection.answers()

  assert.ok(small && large)
  assertProblem(small, 'not_found', { headers: { connection: 'keep-alive' } })
  assertProblem(large, 'not_found', closing)
  assert.deepEqual(rest, [])
})

test('a body over the limit is refused by its length alone', async (t) => {
  const answer = await exchange(
    t,
    wire(t),
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 65537\r\n\r\n`,
  )

  assertProblem(answer, 'payload_too_large', closing)
})

test('a chunked body over the limit is refused while it comes', async (t) => {
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
  const answer = await exchange(
    t,
    wire(t),
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`,
  )

  assertProblem(answer, 'payload_too_large', closing)
})

test('a refused body of exactly 64 KiB keeps its connection, and a longer one does not', async (t) => {
  const app = wire(t)
  const connections = []

  for (const [framing, body] of [
    ['Content-Length: 65536', 'x'.repeat(65_536)],
    ['Content-Length: 65537', 'x'],
    ['Transfer-Encoding: chunked', '1\r\nx\r\n'],
  ]) {
    const connection = await rawConnection(t, app)
    connection.say(
      `POST /things HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n${framing}\r\n\r\n${body}`,
    )
    while (!connection.heard().includes('\r\n\r\n')) await sleep(1)
    assert.match(connection.heard(), /^HTTP\/1\.1 4/)
    connections.push(/\r\nconnection: close\r\n/i.test(connection.heard()))
  }

  assert.deepEqual(connections, [false, true, true])
})

test('a body without a type is 415', async (t) => {
  const answer = await exchange(
    t,
    wire(t),
    `POST /things HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 2\r\n\r\n{}`,
  )

  assertProblem(answer, 'unsupported_media_type', closing)
})

test('an unknown expectation and an upgrade to HTTP/2 are ignored', async (t) => {
  const app = wire(t)
  const ask = (header: string) =>
    exchange(t, app, `GET /page HTTP/1.1\r\n${HOST}${header}\r\nConnection: close\r\n\r\n`)

  assert.equal((await ask('Expect: tea')).body, '{"ok":true}')
  assert.equal((await ask('Upgrade: h2c')).body, '{"ok":true}')
  const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__'
  assert.equal((await ask(`Upgrade: h2c\r\n${upgrade}`)).body, '{"ok":true}')
  assert.equal((await ask(`Upgrade: websocket\r\n${upgrade}`)).body, '{"ok":true}')
})

test('a client that waits for 100 Continue gets it, and one answer', async (t) => {
  const connection = await rawConnection(t, wire(t))
  connection.say(
    `POST /things HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
  )
  await once(connection.socket, 'data')

  connection.say('{}')
  const [interim, answer, ...rest] = await connection.answers()

  assert.equal(interim?.statusCode, 100)
  assert.equal(answer?.body, '{"ok":true}')
  assert.deepEqual(rest, [])
})

test('an absolute request target with any host finds the same routes', async (t) => {
  const app = wire(t)
  const ask = (method: string) =>
    exchange(
      t,
      app,
      `${method} http://evil.example/page HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    )

  assert.equal((await ask('GET')).body, '{"ok":true}')
  assertProblem(await ask('POST'), 'method_not_allowed', {
    headers: { allow: 'GET, HEAD', connection: 'close' },
  })
})

test('CONNECT is refused, since the server is not a proxy', async (t) => {
  const answer = await exchange(t, wire(t), `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`)

  assertProblem(answer, 'malformed_request', closing)
})

test('32 requests at once on a connection are answered, the next is 503 and the rest dropped', async (t) => {
  const app = wire(t)
  let begun = 0
  app.get('/count', async () => ({ begun: ++begun }))
  const connection = await rawConnection(t, app)

  connection.say(`GET /count HTTP/1.1\r\n${HOST}\r\n`.repeat(1000))
  const answers = await connection.answers()
  const last = answers.pop()

  assert.deepEqual(
    answers.map(({ body }) => JSON.parse(body)),
    Array.from({ length: 32 }, (_, at) => ({ begun: at + 1 })),
  )
  assert.ok(last)
  assertProblem(last, 'overloaded', {
    detail: 'One connection may have at most 32 requests open at a time.',
    headers: { 'retry-after': '1', connection: 'close' },
  })
  assertHeaders(last, { ...defaultHeaders, ...spoken, ...overHttps })
  assert.equal(begun, 32)
})

test('a connection takes as many requests as are wanted, 32 at a time', async (t) => {
  const connection = await rawConnection(t, wire(t))
  const one = `GET /page HTTP/1.1\r\n${HOST}\r\n`

  for (let round = 1; round <= 5; round++) {
    connection.say(one.repeat(32))
    const isAnswered = () => connection.heard().split('"ok"').length > 32 * round
    while (!isAnswered() && !connection.socket.closed) await sleep(1)
  }
  connection.say(one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
  const answers = await connection.answers()

  assert.deepEqual([...new Set(answers.map(({ body }) => body))], ['{"ok":true}'])
  assert.equal(answers.length, 161)
})
