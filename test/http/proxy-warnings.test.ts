// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { createServer } from '../../src/http/app.ts'

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
const unnamed = (peer: string, proxy = peer, more = '') => [
  [
    40,
    `proxies: forwarded headers come from ${peer}, which TRUST_PROXY does not name, and are not believed. If this is your reverse proxy, set TRUST_PROXY=${proxy}${more}; if it is not, somebody made them up and nothing is to be done.`,
  ],
]

for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']) {
  test(`${name} from a peer that is not in TRUST_PROXY is ignored, with one warning`, async () => {
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
