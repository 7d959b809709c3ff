// runs once
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { english } from '../../src/languages/languages.ts'
import { tell } from '../../src/languages/text.ts'
import { type RateLimitName, rateLimitTable } from '../../src/rate-limits.ts'
import { call } from '../support/answers.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { bearer, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'

const LOCAL = '127.0.0.1'
const FRONTEND = 'https://app.example.com'

/** Asks for a page that costs nothing else, as somebody at an address. */
function look(server: TestServer, remoteAddress: string, headers: Record<string, string> = {}) {
  return server.inject({ url: '/problems/not_found', remoteAddress, headers })
}

test('every request counts against its network, except those of probes and gateways', async (t) => {
  const server = await startServer(t, { env: { CORS_ORIGINS: FRONTEND } })
  const { access_token } = await signedUp(server)
  const headers = { origin: FRONTEND, ...bearer(access_token) }
  const preflight = { origin: FRONTEND, 'access-control-request-method': 'GET' }
  await leave(0, server, 'address', LOCAL).catch(() => undefined)
  const refusals = {
    'GET /me': await call(server, 'GET /me', undefined, headers),
    'GET /nowhere': await call(server, 'GET /nowhere', undefined, headers),
    'PUT /me': await call(server, 'PUT /me', undefined, headers),
    'POST /login': await call(server, 'POST /login', {}, headers),
    'OPTIONS /me': await call(server, 'OPTIONS /me', undefined, preflight),
  }

  const free = ['/livez', '/readyz', '/verify']
  const answers = free.map((path) => call(server, `GET ${path}`, undefined, headers))
  const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode)

  for (const [request, answer] of Object.entries(refusals)) {
    const readable = request.startsWith('OPTIONS')
      ? {}
      : { 'access-control-allow-origin': FRONTEND }
    assertUsedUp(answer, 'address', { wait: 60, headers: readable })
  }
  assert.deepEqual(statuses, [200, 200, 200])
})

test('requests at the same instant are counted one by one', async (t) => {
  const server = await startServer(t)
  await leave(10, server, 'address', '192.0.2.1')

  const answers = await Promise.all(Array.from({ length: 50 }, () => look(server, '192.0.2.1')))

  const passed = answers.filter(({ statusCode }) => statusCode === 200)
  const refused = answers.filter(({ statusCode }) => statusCode === 429)
  assert.deepEqual([passed.length, refused.length], [10, 40])
})

test('addresses of one IPv6 /64 share a budget, and those of the next one do not', async (t) => {
  const server = await startServer(t)
  await leave(0, server, 'address', '2001:db8:1:2::/64')

  assertUsedUp(await look(server, '2001:db8:1:2::1'), 'address', { wait: 60 })
  assertUsedUp(await look(server, '2001:db8:1:2:ffff:ffff:ffff:ffff'), 'address', { wait: 60 })
  assert.equal((await look(server, '2001:db8:1:3::1')).statusCode, 200)
})

test('headers of a client that is not a trusted proxy do not give it another address', async (t) => {
  const server = await startServer(t)
  const peer = '192.0.2.7'
  await leave(0, server, 'address', peer)
  const many = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
  const disguises: Record<string, string>[] = [
    { 'x-forwarded-for': '198.51.100.1' },
    { 'x-forwarded-for': '198.51.100.2, 127.0.0.1' },
    { 'x-forwarded-for': many.join(', ') },
    { forwarded: 'for=198.51.100.3;proto=https' },
    { 'x-real-ip': '198.51.100.4' },
    { 'true-client-ip': '198.51.100.5' },
    { 'cf-connecting-ip': '198.51.100.6' },
    { 'x-client-ip': '198.51.100.7' },
  ]

  for (const headers of disguises) {
    assertUsedUp(await look(server, peer, headers), 'address', { wait: 60 })
  }
  const seen = server.logs.filter(({ msg }) => msg === 'request').map(({ ip }) => ip)
  assert.deepEqual(new Set(seen), new Set([peer]))
})

test('behind a trusted proxy the address that the proxy saw counts, and not what a client adds', async (t) => {
  const server = await startServer(t, { env: { TRUST_PROXY: '10.0.0.0/8' } })
  const through = (forwarded: string) => look(server, '10.0.0.1', { 'x-forwarded-for': forwarded })
  await leave(0, server, 'address', '198.51.100.7')

  for (const added of ['', '203.0.113.1, ', '10.9.9.9, 203.0.113.2, ', 'nonsense, ']) {
    assertUsedUp(await through(`${added}198.51.100.7`), 'address', { wait: 60 })
  }
  assertUsedUp(await through('198.51.100.7, 10.0.0.2'), 'address', { wait: 60 })
  assert.equal((await through('198.51.100.8')).statusCode, 200)
  assert.equal((await look(server, '192.0.2.9')).statusCode, 200)
  assert.equal((await through('nonsense')).statusCode, 200)
})

test('RATE_LIMITS=off refuses nobody', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const person = await signedUp(server)
  const names = Object.keys(rateLimitTable) as RateLimitName[]
  for (const name of names.filter((one) => !['notices', 'daily_notices'].includes(one))) {
    for (const key of [LOCAL, person.sessionId]) await leave(-1, server, name, key)
  }

  await signedUp(server)
  await signedIn(server, person)
  assert.equal((await refresh(server, person.refresh_token)).statusCode, 200)
})

test('the document has a 429 with its headers for every operation that is counted', async (t) => {
  const { inject } = await startServer(t)
  type Operation = { responses: Record<string, { headers?: object }> }

  const { paths } = (await inject({ url: '/openapi.json' })).json()

  const all = Object.entries<Record<string, Operation>>(paths).flatMap(([path, operations]) =>
    Object.values(operations).map(({ responses }) => ({ path, answer: responses[429] })),
  )
  const free = all.filter(({ answer }) => answer === undefined).map(({ path }) => path)
  assert.deepEqual(free.sort(), ['/livez', '/readyz'])
  for (const { answer } of all) {
    const names = ['Retry-After', 'RateLimit', 'RateLimit-Policy']
    if (answer) assert.deepEqual(Object.keys(answer.headers ?? {}), names)
  }
})

test('docs/rate-limits.md lists the rate limits of the server', () => {
  const page = readFileSync(new URL('../../docs/rate-limits.md', import.meta.url), 'utf8')

  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) (.+?) \| (\d+) s \|/gm)]

  const byName = (one: string, other: string) => one.localeCompare(other)
  assert.deepEqual(
    rows.map(([, ...cells]) => cells.join(' ')).sort(byName),
    Object.entries(rateLimitTable)
      .map(
        ([name, { limit, what, seconds }]) => `${name} ${limit} ${tell(what, english)} ${seconds}`,
      )
      .sort(byName),
  )
})
