// runs once
import assert from 'node:assert/strict'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PASSWORD } from '../support/factories.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase, startServer, uniqueName } from '../support/helper.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

const DELAY_SECONDS = 3
/** Long enough that only a second signal ends the test in time. */
const FOREVER = '5m'

type Asked = { status: number; headers: IncomingHttpHeaders; text: string }

/**
 * One request over a connection that the client would keep. @throws Error when it is refused or
 * reset
 */
function ask(url: string, body?: object): Promise<Asked> {
  const agent = new Agent({ keepAlive: true })
  return new Promise<Asked>((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const sent = request(url, { agent, method: body ? 'POST' : 'GET', headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  }).finally(() => agent.destroy())
}

function newAccount() {
  const name = uniqueName()
  return { username: name, email: `${name}@example.com`, password: PASSWORD }
}

/** What new connections get from now on until the listener is closed. */
async function askUntilClosed({ base }: ServerProcess) {
  const ready: Asked[] = []
  const others: Asked[] = []
  for (;;) {
    try {
      ready.push(await ask(`${base}/readyz`))
      others.push(await ask(`${base}/register`, newAccount()))
    } catch (error) {
      return { ready, others, end: (error as NodeJS.ErrnoException).code }
    }
    await sleep(10)
  }
}

async function untilRed({ base }: ServerProcess): Promise<void> {
  while ((await ask(`${base}/readyz`)).status !== 503) await sleep(5)
}

for (const [title, workers] of [
  ['A server', '1'],
  ['A server of two workers', '2'],
] as const) {
  test(`${title} after SIGTERM is immediately not ready, continues to serve, and then closes`, async (t) => {
    const port = await freePort()
    const env = {
      ...{ WORKERS: workers, SHUTDOWN_DELAY: `${DELAY_SECONDS}s` },
      ...{ METRICS: 'on', METRICS_PORT: String(port) },
    }
    const server = await startProcess(t, { url: await freshDatabase(t), env })
    const before = await ask(`${server.base}/readyz`)
    // The first registration of each worker loads what they need; connections take turns.
    for (let turn = 0; turn < Number(workers); turn++)
      await ask(`${server.base}/register`, newAccount())

    const startedAt = performance.now()
    const ended = server.stop('SIGTERM')
    await untilRed(server)
    const figures = await ask(`http://127.0.0.1:${port}/metrics`)
    const { ready, others, end } = await askUntilClosed(server)
    const served = performance.now() - startedAt
    const code = await ended

    assert.deepEqual([before.status, before.headers.connection], [200, 'keep-alive'])
    assert.equal(code, 0, server.output())
    // Who comes in the moment of the close may be reset: nobody should come then, which the delay
    // is for.
    assert.match(end ?? '', /^ECONN(?:REFUSED|RESET)$/)
    assert.ok(served >= DELAY_SECONDS * 1000, `closed after ${served} ms`)
    assert.equal(figures.status, 200)
    for (const { status, headers, text } of ready) {
      assert.deepEqual([status, headers.connection], [503, 'close'])
      assert.deepEqual(JSON.parse(text).checks, {
        server: { status: 'failed', detail: 'The server is stopping.' },
      })
    }
    assert.ok(others.length > 5, `${others.length} registrations`)
    for (const { status, headers } of others) {
      assert.deepEqual([status, headers.connection], [201, 'close'])
    }
  })

  test(`${title} exits immediately after a second signal`, async (t) => {
    const env = { WORKERS: workers, SHUTDOWN_DELAY: FOREVER }
    const server = await startProcess(t, { url: await freshDatabase(t), env })

    const ended = server.stop('SIGTERM')
    await untilRed(server)
    process.kill(server.pid, 'SIGTERM')

    assert.equal(await ended, 1)
  })
}

test('Who waits to be accepted in the moment when the listener closes is let in', async (t) => {
  const server = await startServer(t)
  await server.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.app.server.address() as AddressInfo

  const stopped = server.stop()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  // The connection is there, and the delay is over, before the event loop turns.
  const wake = performance.now() + 20
  while (performance.now() < wake);
  const answer = await readAll(socket)
  await stopped

  assert.match(answer, /^HTTP\/1\.1 200 /)
})

test('A server without SHUTDOWN_DELAY closes at once in development', async (t) => {
  const server = await startProcess(t, { url: await freshDatabase(t), env: { LOG_LEVEL: 'info' } })

  assert.equal(await server.stop('SIGTERM'), 0)

  assert.match(server.output(), /"delaySeconds":0,"msg":"the server stops and is no longer ready"/)
})
