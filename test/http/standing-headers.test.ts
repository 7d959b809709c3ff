// runs once
import assert from 'node:assert/strict'
import { OutgoingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { addUncheckedLine } from '../../src/http/headers/standing.ts'
import { addVary } from '../../src/http/headers/vary.ts'
import { assertHeaders, defaultHeaders, overHttps } from '../support/default-headers.ts'
import { rawConnection } from '../support/raw-http.ts'
import { ID, wire } from '../support/wire-server.ts'

type Method = NonNullable<InjectOptions['method']>
type Case = [name: string, method: Method, url: string, headers?: Record<string, string>]

/** A server with a route for each way to answer. */
function server(t: TestContext) {
  const app = wire()
  t.after(() => app.close())
  app.get('/replaced', async (_request, reply) => {
    addVary(reply, 'accept-encoding')
    reply.header('Cache-Control', 'public, max-age=300')
    return reply.header('content-security-policy', "default-src 'self'").send({ ok: true })
  })
  app.get('/unchanged', async (_request, reply) => reply.code(304).header('etag', '"1"').send())
  app.get('/stream', async (_request, reply) =>
    reply.header('cache-control', 'private').send(Readable.from(['a', 'b'])),
  )
  app.get('/progressive', async (_request, reply) => {
    reply.raw.setHeader('X-Other', '1')
    return { ok: true }
  })
  app.get('/lines', async (_request, reply) => {
    addUncheckedLine(reply, 'x-line', '1')
    return reply.header('cache-control', 'private').send({ ok: true })
  })
  app.get('/hints', async (_request, reply) => {
    reply.writeEarlyHints({ link: '</style.css>; rel=preload' })
    return { ok: true }
  })
  return app
}

type App = ReturnType<typeof server>

/** Built as on a Node.js that has renamed what the ready text needs. */
function plainServer(t: TestContext): App {
  const { prototype } = OutgoingMessage
  const { _storeHeader } = prototype
  try {
    Object.assign(prototype, { _storeHeader: undefined })
    return server(t)
  } finally {
    Object.assign(prototype, { _storeHeader })
  }
}

/** The lines of an answer on a real connection: a header that came twice is there twice. */
async function linesOn(t: TestContext, app: App, [, method, url, headers = {}]: Case) {
  const connection = await rawConnection(t, app)
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers })
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  connection.say(`${method} ${url} HTTP/1.1\r\n${text}\r\n`)
  await connection.answers()
  const [head = ''] = connection.heard().split('\r\n\r\n')
  return head.split('\r\n')
}

/** Of the connection and of the moment, or chosen by chance. */
const OTHERS = ['date', 'connection', 'keep-alive', 'x-request-id', 'transfer-encoding']

/** In one order, each name as often as it came. */
function comparable(headers: (readonly [name: string, value: unknown])[]): string[] {
  return headers
    .filter(([name]) => !OTHERS.includes(name.toLowerCase()))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort()
}

const pairOf = (line: string) => line.split(/: (.*)/s, 2) as [string, string]

const cases: Case[] = [
  ['an answer', 'GET', `/things/${ID}`],
  ['HEAD', 'HEAD', `/things/${ID}`],
  ['an answer without a body', 'DELETE', `/things/${ID}`],
  ['a problem', 'GET', '/throws/unauthenticated'],
  ['a problem that replaces one', 'GET', '/throws/headers'],
  ['a failure', 'GET', '/throws/error'],
  ['no route', 'GET', '/nowhere'],
  ['another method', 'PUT', '/page'],
  ['a broken address', 'GET', '/things/%ff'],
  ['a long address', 'GET', `/${'a'.repeat(8192)}`],
  ['OPTIONS', 'OPTIONS', '/page'],
  ['a page of another origin', 'GET', '/page', { origin: 'https://other.example' }],
  ['a route that replaces some', 'GET', '/replaced'],
  ['its HEAD', 'HEAD', '/replaced'],
  ['304', 'GET', '/unchanged'],
  ['a stream', 'GET', '/stream'],
  ['a header set on the response itself', 'GET', '/progressive'],
  ['a header as a ready line', 'GET', '/lines'],
  ['HEAD of a ready line', 'HEAD', '/lines'],
]
for (const asked of cases) {
  const [name, method, url, headers = {}] = asked
  test(`${name}: a connection shows each header once, as inject() does`, async (t) => {
    const app = server(t)
    const answer = await app.inject({ method, url, headers: { host: 'localhost', ...headers } })

    const [, ...lines] = await linesOn(t, app, asked)

    const pairs = lines.map(pairOf)
    assert.deepEqual(comparable(pairs), comparable(Object.entries(answer.headers)))
    assert.equal(new Set(pairs.map(([header]) => header.toLowerCase())).size, pairs.length)
  })

  test(`${name}: a Node.js without what the ready text needs gives the same`, async (t) => {
    const [first, plain] = [server(t), plainServer(t)]

    const [status, ...lines] = await linesOn(t, first, asked)
    const [plainStatus, ...plainLines] = await linesOn(t, plain, asked)

    assert.equal(plainStatus, status)
    assert.deepEqual(comparable(plainLines.map(pairOf)), comparable(lines.map(pairOf)))
  })
}

test('the ready text stands behind the status line: this Node.js still takes it', async (t) => {
  const standing = Object.entries({ ...defaultHeaders, ...overHttps })

  const [status, ...lines] = await linesOn(t, server(t), ['', 'GET', '/page'])

  assert.equal(status, 'HTTP/1.1 200 OK')
  assert.deepEqual(
    lines.slice(0, standing.length),
    standing.map(([name, value]) => `${name}: ${value}`),
  )
})

for (const url of ['/page', '/throws/unauthenticated', '/nowhere', '/things/%ff']) {
  test(`${url}: a connection shows the id of the request`, async (t) => {
    const lines = await linesOn(t, server(t), ['', 'GET', url])

    const ids = lines.filter((line) => /^x-request-id: req-[\da-f-]{36}$/.test(line))
    assert.equal(ids.length, 1)
  })
}

test('early hints have no standing headers, and the answer behind them has', async (t) => {
  const connection = await rawConnection(t, server(t))
  connection.say('GET /hints HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

  const [hints, answer, ...rest] = await connection.answers()

  assert.deepEqual(hints?.headers, { link: '</style.css>; rel=preload' })
  assert.ok(answer)
  assertHeaders(answer, { ...defaultHeaders, ...overHttps })
  assert.deepEqual(rest, [])
})
