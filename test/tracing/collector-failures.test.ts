// runs once
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCollector } from '../support/collector.ts'
import { scratchDirectory } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/helper.ts'
import { call, type ServerProcess, startProcess } from '../support/process.ts'

const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' }
const LOST = 'the collector takes no spans; they are lost'
const BACK = 'the collector takes spans again'

async function start(t: TestContext, env: Record<string, string>): Promise<ServerProcess> {
  return startProcess(t, { url: await freshDatabase(t), env: { LOG_LEVEL: 'info', ...env } })
}

const countOf = (server: ServerProcess, text: string) => server.output().split(text).length - 1

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !isTrue(); turn++) await sleep(25)
  assert.ok(isTrue())
}

test('a collector that is away or fails delays no request and is logged once', async (t) => {
  const collector = await startCollector(t, (response) => void response.writeHead(400).end())
  const server = await start(t, { ...SOON, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })

  for (let turn = 0; turn < 5; turn++) {
    assert.equal((await call(server, 'GET', '/verify')).status, 401)
    await sleep(100)
  }
  await until(() => countOf(server, LOST) > 0)
  assert.ok(collector.requests.length > 1)
  collector.answerBy((response) => void response.writeHead(200).end())
  await call(server, 'GET', '/verify')
  await until(() => countOf(server, BACK) > 0)

  assert.deepEqual([countOf(server, LOST), countOf(server, BACK)], [1, 1])
})

test('a silent collector and one that refuses connections cost no request its answer', async (t) => {
  const silent = await startCollector(t, () => undefined)
  const port = await freePort()
  for (const url of [silent.url, `http://127.0.0.1:${port}`]) {
    const server = await start(t, { ...SOON, OTEL_EXPORTER_OTLP_ENDPOINT: url })
    const since = performance.now()
    for (let turn = 0; turn < 20; turn++) await call(server, 'GET', '/verify')
    assert.ok(performance.now() - since < 2000)

    const stopping = performance.now()
    assert.equal(await server.stop('SIGTERM'), 0)
    assert.ok(performance.now() - stopping < 3000)
  }
})

test('a stop sends the last spans', async (t) => {
  const collector = await startCollector(t)
  const server = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })

  await call(server, 'GET', '/verify')
  assert.deepEqual(collector.spans, [])
  await server.stop('SIGTERM')

  assert.ok(collector.spans.some(({ name }) => name === 'GET /verify'))
})

test('the headers of a file reach the collector, also those of workers', async (t) => {
  const collector = await startCollector(t)
  const file = join(scratchDirectory(t), 'headers')
  writeFileSync(file, 'authorization=Bearer%20canary\n')
  const env = {
    ...{ ...SOON, WORKERS: '2', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    OTEL_EXPORTER_OTLP_HEADERS_FILE: file,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  }
  const server = await start(t, env)

  for (let turn = 0; turn < 10; turn++) await call(server, 'GET', '/verify')
  const span = await collector.spanOf(({ name }) => name === 'GET /verify')

  assert.equal(span.resource['deployment.environment.name'], 'test')
  assert.equal(collector.requests[0]?.headers.authorization, 'Bearer canary')
  assert.equal(collector.requests[0]?.url, '/v1/traces')
  assert.doesNotMatch(server.output(), /canary/)
})

test('without a collector nothing of OpenTelemetry is loaded', async (t) => {
  const server = await start(t, { NODE_DEBUG: 'esm,module' })
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }

  await call(server, 'GET', '/verify', { headers })
  await call(server, 'GET', '/verify', { headers: { traceparent: 'canary' } })

  assert.doesNotMatch(server.output(), /@opentelemetry|@fastify\/otel|canary/)
  assert.match(server.output(), /fastify/)
  assert.match(server.output(), new RegExp(`"trace_id":"${trace}"`))
  assert.doesNotMatch(readFileSync(`/proc/${server.pid}/maps`, 'utf8'), /opentelemetry/)
})
