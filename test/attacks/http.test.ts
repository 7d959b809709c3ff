// runs once
// Attacks through HTTP itself: Host, Upgrade and forwarded addresses. It does not depend on the
// database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '../support/answers.ts'
import { addressOf, theScene } from '../support/attack-scene.ts'
import { bearer, PASSWORD } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { exchange, rawConnection } from '../support/raw-http.ts'
import { routesOf } from '../support/routes.ts'

const evilHeaders = {
  'x-forwarded-host': 'evil.example',
  'x-forwarded-server': 'evil.example',
  'x-host': 'evil.example',
  'x-original-host': 'evil.example',
  'x-forwarded-proto': 'gopher',
  'x-forwarded-prefix': '/evil',
  'x-original-url': '/evil',
  'x-rewrite-url': '/evil',
  forwarded: 'host=evil.example;proto=gopher',
  referer: 'https://evil.example/',
}

test('no address is made of the host that a request names, though its proxy is trusted', async (t) => {
  const here = await theScene()
  const { server, person } = here
  const named = { Host: 'evil.example', ...evilHeaders, ...bearer(person.access_token) }
  const lines = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`)
  const addresses = routesOf(server)
    .filter((route) => route.startsWith('GET '))
    .map((route) => addressOf(route.slice('GET '.length), here))

  for (const address of [
    ...addresses,
    '/houses?page=1&size=1',
    '/nowhere',
    '//evil.example/docs',
  ]) {
    for (const target of [address, `http://evil.example${address}`]) {
      const request = `GET ${target} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`
      const { statusCode, headers, body } = await exchange(t, server.app, request)
      assert.ok(statusCode < 500, `${target}: ${body}`)
      assert.doesNotMatch(JSON.stringify(headers) + body, /evil|gopher/, target)
    }
  }
})

test('an upgrade makes no tunnel: what follows is read as requests', async (t) => {
  const { server } = await theScene()
  const upgrade = (protocol: string) =>
    [
      'GET /livez HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings',
      `Upgrade: ${protocol}`,
      'HTTP2-Settings: AAMAAABkAAQAAP__',
      '\r\n',
    ].join('\r\n')
  for (const protocol of ['h2c', 'websocket', 'TLS/1.2, HTTP/1.1']) {
    const connection = await rawConnection(t, server.app)
    connection.say(upgrade(protocol))
    while (!connection.heard().includes('"ok"')) await sleep(1)
    connection.say('GET /me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const statuses = (await connection.answers()).map(({ statusCode }) => statusCode)
    assert.deepEqual(statuses, [200, 401], protocol)
  }
  const preface = await exchange(t, server.app, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  assert.equal(preface.statusCode, 400)
})

test('a client that makes up addresses in every header stays one client, for rate limits and in the log', async (t) => {
  const server = await startServer(t)
  const guess = (round: number) => {
    const body = { username: uniqueName(), password: PASSWORD }
    return call(server, 'POST /login', body, forgedAddresses(round))
  }

  for (let round = 0; round < 100; round++) {
    assertProblem(await guess(round), 'invalid_credentials')
  }
  const refused = await guess(100)

  const { code, 'violated-policies': policies } = refused.json()
  assert.deepEqual([refused.statusCode, code, policies], [429, 'rate_limited', ['login_network']])
  const addresses = server.logs.map(({ ip }) => ip).filter((ip) => ip !== undefined)
  assert.deepEqual([...new Set(addresses)], ['127.0.0.1'])
})

/** Addresses as a client makes them up, a new one each time. */
function forgedAddresses(round: number): Record<string, string> {
  const forged = `198.51.100.${round % 256}`
  return {
    'x-real-ip': forged,
    'true-client-ip': forged,
    'x-client-ip': forged,
    'x-cluster-client-ip': forged,
    'cf-connecting-ip': forged,
    'fastly-client-ip': forged,
    forwarded: `for=${forged}`,
    'x-forwarded-for': forged,
  }
}
