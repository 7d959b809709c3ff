// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from '../../src/http/app.ts'
import { rawConnection } from '../support/raw-http.ts'

const HOST = 'Host: localhost\r\n'
const get = (path: string) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`
const NEVER_MS = 3_600_000
/** What hangs is ended by the test, long before the time limit that it is about. */
const HANGING = { timeout: 30_000 }

/** A server whose `/long` answers when it is told to. */
function draining(t: TestContext, { closing = NEVER_MS } = {}) {
  const stop = new AbortController()
  const lines: string[] = []
  const app = createServer({
    http: { trustProxy: [] },
    log: { level: 'warn', stream: { write: (line) => void lines.push(line) } },
    timeouts: { closing },
    stopping: stop.signal,
  })
  let begin: () => void
  let finish: () => void
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  app.get('/page', async () => ({ ok: true }))
  app.get('/long', async () => {
    begin()
    await finished
    return { ok: true }
  })
  t.after(() => {
    app.server.closeAllConnections()
    return app.close()
  })
  return { app, lines, begun, finish: () => finish(), stop: () => stop.abort() }
}

test('connections are kept before a stop and closed with each answer after it', async (t) => {
  const server = draining(t)
  const connection = await rawConnection(t, server.app)
  connection.say(get('/page'))
  while (!connection.heard().includes('ok')) await sleep(1)
  const long = await rawConnection(t, server.app)
  long.say(get('/long'))
  await server.begun

  server.stop()
  connection.say(get('/page'))
  const kept = await connection.answers()
  const others: [string, number][] = [
    ['/nowhere', 404],
    ['/%', 400],
    ['/page', 200],
  ]
  for (const [path, status] of others) {
    const late = await rawConnection(t, server.app)
    late.say(get(path))
    const [answer] = await late.answers()
    assert.deepEqual([answer?.statusCode, answer?.headers.connection], [status, 'close'], path)
  }
  server.finish()
  const [underWay] = await long.answers()

  const heads = kept.map(({ statusCode, headers }) => [statusCode, headers.connection])
  assert.deepEqual(heads, [
    [200, 'keep-alive'],
    [200, 'close'],
  ])
  assert.deepEqual([underWay?.statusCode, underWay?.headers.connection], [200, 'close'])
})

test('of a pipeline that a stop meets half-way, every request is answered', async (t) => {
  const server = draining(t)
  const connection = await rawConnection(t, server.app)
  connection.say(get('/long'))
  await server.begun

  server.stop()
  connection.say(get('/page') + get('/page'))
  await once(server.app.server, 'request')
  server.finish()
  const answers = await connection.answers()

  assert.deepEqual(
    answers.map(({ statusCode, headers }) => [statusCode, headers.connection]),
    [
      [200, 'keep-alive'],
      [200, 'keep-alive'],
      [200, 'close'],
    ],
  )
})

test('a closing server answers running requests and those of open connections', async (t) => {
  const server = draining(t)
  const { app } = server
  const connection = await rawConnection(t, app)
  const opened = await rawConnection(t, app)
  connection.say(get('/long'))
  await server.begun

  const closed = app.close()
  while (app.server.listening) await sleep(1)
  await twoSweeps(app.server)
  opened.say(get('/page'))
  const [late] = await opened.answers()
  server.finish()
  const [long] = await connection.answers()
  await closed

  assert.deepEqual([late?.statusCode, late?.headers.connection], [200, 'close'])
  assert.deepEqual([long?.statusCode, long?.body], [200, '{"ok":true}'])
})

test('a silent connection delays no stop', HANGING, async (t) => {
  const { app, lines } = draining(t)
  const { socket } = await rawConnection(t, app)

  await app.close()

  await once(socket, 'close').catch(() => undefined)
  assert.deepEqual(lines, [])
})

test('a request that takes too long is cut off, and the log says so', HANGING, async (t) => {
  const server = draining(t, { closing: 1 })
  const { app, lines } = server
  const connection = await rawConnection(t, app)
  connection.say(get('/long'))
  await server.begun

  await app.close()

  assert.deepEqual(await connection.answers(), [])
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ connections, msg }) => [connections, msg]),
    [[1, 'running requests were cut off']],
  )
})

/** Waits until the closing server has looked twice for connections to end. */
async function twoSweeps(server: Pick<Server, 'closeIdleConnections'>): Promise<void> {
  const look = server.closeIdleConnections.bind(server)
  let looked = 0
  server.closeIdleConnections = () => {
    looked += 1
    look()
  }
  while (looked < 2) await sleep(1)
}

test('new connections are refused once the server closes', async (t) => {
  const { app } = draining(t)
  await rawConnection(t, app)
  const { port } = app.server.address() as AddressInfo

  await app.close()

  await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
})
