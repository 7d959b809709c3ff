import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startCollector } from '../support/collector.ts'
import { PASSWORD } from '../support/factories.ts'
import { databaseKind, freshDatabase, uniqueName } from '../support/helper.ts'
import { call, type ServerProcess, startProcess } from '../support/process.ts'
import { registered } from '../support/server-processes.ts'
import { until } from '../support/until.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const SERVER = 2
const CLIENT = 3

type Collector = Awaited<ReturnType<typeof startCollector>>

async function traced(t: TestContext, env: Record<string, string> = {}) {
  const collector = await startCollector(t)
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LOG_LEVEL: 'info',
  }
  const server = await startProcess(t, {
    url: await freshDatabase(t),
    env: { ...settings, ...env },
  })
  return { collector, server }
}

function linesOf(server: ServerProcess): Record<string, unknown>[] {
  const lines = server.output().split('\n')
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}

const requestSpan = (collector: Collector, name: string) =>
  collector.spanOf((span) => span.name === name && span.kind === SERVER)

test('a collector gets the spans of a sign-in, with its statements as children', async (t) => {
  const { collector, server } = await traced(t)
  const { username } = await registered(server)

  const body = { username, password: PASSWORD }
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
  const answer = await call(server, 'POST', '/login', { body, headers })

  assert.equal(answer.status, 200)
  const { attributes, ...span } = await requestSpan(collector, 'POST /login')
  assert.deepEqual(
    { traceId: span.traceId, parentId: span.parentId, status: span.status },
    { traceId: TRACE, parentId: PARENT, status: 0 },
  )
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'http.route': '/login',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'latchkey.request_id': answer.headers.get('x-request-id'),
  })
  assert.equal(span.resource['service.name'], 'latchkey')
  const children = collector.childrenOf({ attributes, ...span })
  assert.ok(children.every(({ traceId }) => traceId === TRACE))
  assert.ok(children.some(({ name }) => name === 'password hash'))
  const statements = children.filter(({ kind }) => kind === CLIENT)
  assert.ok(statements.length >= 2, children.map(({ name }) => name).join())
  for (const { attributes } of statements) {
    assert.equal(attributes['db.system.name'], databaseKind)
    assert.match(String(attributes['db.query.text']), /^[A-Z]/)
  }
  assert.ok(statements.some(({ name }) => name.startsWith('SELECT User')))
  const ids = new Set(children.map(({ spanId }) => spanId))
  assert.equal(ids.size, children.length)
})

test('each line of a request names its trace and its request id', async (t) => {
  const { collector, server } = await traced(t)

  await registered(server)

  const { traceId, spanId, attributes } = await requestSpan(collector, 'POST /register')
  const requestId = attributes['latchkey.request_id']
  const lines = linesOf(server).filter((line) => line.requestId === requestId)
  assert.deepEqual([...new Set(lines.map(({ msg }) => msg))].sort(), ['request', 'security event'])
  for (const line of lines) {
    assert.deepEqual([line.trace_id, line.span_id], [traceId, spanId])
  }
  // The outbox sends the mails of all, so its line belongs to no request.
  await until(() => linesOf(server).some(({ subject }) => subject !== undefined))
  const others = linesOf(server).filter((line) => line.trace_id === traceId)
  assert.equal(others.length, lines.length)
})

test('a refusal does not count as an error of the server, and probes leave no trace', async (t) => {
  const { collector, server } = await traced(t)

  await call(server, 'GET', '/readyz')
  const body = { username: uniqueName(), password: PASSWORD }
  const refused = await call(server, 'POST', '/login', { body })
  await call(server, 'GET', '/canary?code=canary')

  assert.equal(refused.status, 401)
  const span = await requestSpan(collector, 'POST /login')
  assert.equal(span.attributes['http.response.status_code'], 401)
  assert.equal(span.status, 0)
  const missing = await requestSpan(collector, 'GET')
  assert.equal(missing.attributes['http.response.status_code'], 404)
  assert.equal(
    collector.spans.some(({ name }) => name.includes('readyz')),
    false,
  )
  assert.doesNotMatch(collector.text(), /canary/)
})

test('nothing that a client sends is in a span', async (t) => {
  const { collector, server } = await traced(t)
  const account = await registered(server)
  const canary = 'canary-0123456789abcdef'
  const token = account.access_token
  const bad = { username: canary, email: `${canary}@example.com`, password: canary }

  await call(server, 'GET', `/me?x=${canary}`, { token })
  await call(server, 'GET', `/houses/${canary}`, { token })
  await call(server, 'POST', '/register', { body: bad })
  await call(server, 'POST', '/register', { body: { ...bad, password: PASSWORD } })
  await call(server, 'POST', '/register', { body: { ...bad, password: PASSWORD } })
  await call(server, 'POST', '/login', { body: { username: canary, password: canary } })
  await call(server, 'POST', `/refresh?token=${canary}`, { token: canary })
  await call(server, 'GET', '/verify', {
    headers: {
      ...{ cookie: `a=${canary}`, baggage: `a=${canary}`, 'user-agent': canary },
      ...{ traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: `a=${canary}` },
      'x-forwarded-for': '203.0.113.77',
    },
  })

  await requestSpan(collector, 'GET /verify')
  const text = collector.text()
  for (const secret of [canary, token, account.refresh_token, account.username, PASSWORD]) {
    assert.ok(secret && !text.includes(secret), secret)
  }
  assert.doesNotMatch(text, /@example|203\.0\.113/)
})

test('without continuing, a stranger chooses no trace', async (t) => {
  const { collector, server } = await traced(t, { OTEL_PROPAGATORS: 'none' })

  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
  await call(server, 'GET', '/verify', { headers })

  const { traceId, parentId } = await requestSpan(collector, 'GET /verify')
  assert.notEqual(traceId, TRACE)
  assert.equal(parentId, '')
  const line = linesOf(server).find(({ route }) => route === '/verify')
  assert.equal(line?.trace_id, traceId)
})
