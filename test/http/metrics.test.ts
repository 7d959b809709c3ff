import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMetricsServer } from '../../src/http/metrics-server.ts'
import { freePort } from '../support/free-port.ts'
import { startServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'

const ON = { METRICS: 'on' }
const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** A listener for figures on a free port. @returns its address, and what it logged */
async function figures(t: TestContext, text: () => Promise<string>) {
  const logs: unknown[] = []
  const log = { error: (...line: unknown[]) => void logs.push(line) }
  const server = createMetricsServer({ metrics: { text, contentType: TYPE }, log })
  const port = await server.listen('127.0.0.1', 0)
  t.after(server.close)
  return { base: `http://127.0.0.1:${port}`, port, logs, close: server.close }
}

test('GET /metrics of the API is 404, whether metrics are on or off', async (t) => {
  const off = await startServer(t)
  const on = await startServer(t, { env: ON })

  for (const { inject } of [off, on]) {
    assertProblem(await inject({ url: '/metrics' }), 'not_found')
    assertProblem(await inject({ method: 'POST', url: '/metrics' }), 'not_found')
  }
  assert.equal(off.metrics, undefined)
})

test('figures count requests by route and say how old the feed is', async (t) => {
  const { inject, metrics } = await startServer(t, { env: ON })
  await inject({ url: '/livez' })
  await inject({ url: '/problems/not_found' })
  await inject({ method: 'PROPFIND' as 'POST', url: '/secret-path' })

  const text = (await metrics?.text()) ?? ''

  const name = 'http_request_duration_seconds_count'
  assert.deepEqual(text.match(/^http_request_duration_seconds_count.*$/gm), [
    `${name}{method="GET",route="/livez",status="200"} 1`,
    `${name}{method="GET",route="/problems/:code",status="200"} 1`,
    `${name}{method="other",route="none",status="404"} 1`,
  ])
  assert.match(text, /^latchkey_log_lines_dropped_total 0$/m)
  assert.match(text, /^latchkey_audit_events_dropped_total 0$/m)
  assert.match(text, /^latchkey_revocation_feed_lag_seconds \d+(\.\d+)?$/m)
  assert.match(text, /^process_resident_memory_bytes \d+$/m)
  assert.doesNotMatch(text, /secret-path/)
})

test('two servers with figures in one process keep them apart', async (t) => {
  const one = await startServer(t, { env: ON })
  const other = await startServer(t, { env: ON })
  await one.inject({ url: '/livez' })

  assert.doesNotMatch((await other.metrics?.text()) ?? '', /route="\/livez"/)
})

test('figures are served on a port of their own until everything else has ended', async (t) => {
  const port = await freePort()
  const env = { ...ON, METRICS_PORT: String(port), PORT: '0' }
  const server = await startServer(t, { env })
  const scrape = () => fetch(`http://127.0.0.1:${port}/metrics`)
  await assert.rejects(scrape())

  await server.listen()
  await server.inject({ url: '/livez' })
  const answer = await scrape()
  const { socket, say } = await rawConnection(t, server.app)
  say('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n')
  await once(server.app.server, 'request')
  const closed = server.close()
  while (server.app.server.listening) await sleep(1)
  const whileClosing = await scrape()
  socket.destroy()
  await closed

  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), TYPE)
  assert.match(await answer.text(), /route="\/livez",status="200"\} 1/)
  assert.equal(whileClosing.status, 200)
  await assert.rejects(scrape())
})

test('a taken port for figures stops the start, by the name of the setting', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.after(() => holder.close())
  const { port } = holder.address() as AddressInfo
  const server = await startServer(t, { env: { ...ON, METRICS_PORT: String(port), PORT: '0' } })

  await assert.rejects(server.listen(), {
    message: /^METRICS_HOST, METRICS_PORT: .*EADDRINUSE.*; try METRICS_PORT=9465$/,
  })
  assert.equal(server.app.server.listening, false)
})

test('the listener for figures answers GET and HEAD of /metrics and nothing else', async (t) => {
  const { base } = await figures(t, async () => 'figures 1\n')
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await fetch(base + path, { method, ...(body ? { body } : {}) })
    return [answer.status, answer.headers.get('allow'), await answer.text()]
  }

  assert.deepEqual(await ask('GET', '/metrics'), [200, null, 'figures 1\n'])
  assert.deepEqual(await ask('GET', '/metrics?name=x'), [200, null, 'figures 1\n'])
  assert.deepEqual(await ask('HEAD', '/metrics'), [200, null, ''])
  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    assert.deepEqual(await ask(method, '/metrics'), [405, 'GET, HEAD', ''], method)
  }
  assert.deepEqual(await ask('POST', '/metrics', 'x'.repeat(1_000_000)), [405, 'GET, HEAD', ''])
  for (const path of ['/', '/livez', '/readyz', '/login', '/metrics/', '/metricsx', '/docs']) {
    assert.deepEqual(await ask('GET', path), [404, null, ''], path)
  }
})

test('figures are kept by no cache and taken for nothing else than text', async (t) => {
  const { base } = await figures(t, async () => 'figures 1\n')

  const { headers } = await fetch(`${base}/metrics`)

  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
})

test('the end of the listener for figures waits for no scrape', { timeout: 10_000 }, async (t) => {
  let ask = () => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const { port, close } = await figures(t, () => {
    ask()
    return new Promise(() => undefined)
  })
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await asked

  close()

  await once(socket, 'close')
})

test('figures that cannot be read are 500, and the log says why', async (t) => {
  const { base, logs } = await figures(t, () => Promise.reject(new Error('no figures')))

  const { status } = await fetch(`${base}/metrics`)

  assert.equal(status, 500)
  assert.match(String(logs[0]), /the metrics could not be read/)
})

test('the listener for figures takes 20 connections', async (t) => {
  const { port } = await figures(t, async () => '')
  const open = () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    t.after(() => socket.destroy())
    return socket
  }
  const twenty = Array.from({ length: 20 }, open)
  await Promise.all(twenty.map((socket) => once(socket, 'connect')))

  const over = open()
  await once(over, 'close')

  assert.deepEqual(
    twenty.filter(({ closed }) => closed),
    [],
  )
})
