// runs once
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createServerSessions, type Visit } from '../../client/src/server/index.ts'
import { signedUp } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { EXPIRY_SECONDS, registering, scene, signingIn, signingOut } from '../support/rendering.ts'

describe('A rendering server as a proxy', () => {
  test('Latchkey hears of the address and the browser of the visitor at each call', async (t) => {
    const { requests, browserAt, server } = await scene(t)
    const headers = { 'x-forwarded-for': '192.0.2.7', 'user-agent': 'Browser/1.0' }
    const browser = browserAt(undefined, headers)
    const list = async (visit: Visit) => visit.fetch('/sessions')

    await browser.open(registering(uniqueName()))
    server.clock.advance(EXPIRY_SECONDS)
    const sessions = (await (await browser.open(list)).json()) as {
      items: { ip: string; userAgent: string }[]
    }
    await browser.open(signingOut())

    assert.deepEqual(
      sessions.items.map(({ ip, userAgent }) => [ip, userAgent]),
      [['192.0.2.7', 'Browser/1.0']],
    )
    const said = requests.map(({ url, headers: sent }) => [
      new URL(url).pathname,
      sent.get('x-forwarded-for'),
      sent.get('user-agent'),
    ])
    assert.deepEqual(
      said,
      ['/register', '/refresh', '/sessions', '/logout'].map((path) => [
        path,
        '192.0.2.7',
        'Browser/1.0',
      ]),
    )
  })

  test('The address that the framework knows is used instead of a header', async (t) => {
    const { server, requests } = await scene(t)
    const sessions = createServerSessions({
      baseUrl: server.baseUrl,
      fetch(request) {
        requests.push(request)
        return fetch(request)
      },
    })
    const headers = new Headers({ 'x-forwarded-for': '203.0.113.9' })

    await sessions.of({ headers, address: '::ffff:192.0.2.8' }).fetch('/me')

    assert.equal(requests[0]?.headers.get('x-forwarded-for'), '::ffff:192.0.2.8')
  })

  test('The device cookie travels both ways, and no other cookie does', async (t) => {
    const { server, browserAt, requests } = await scene(t)
    const { username } = await signedUp(server)
    const browser = browserAt()
    const far = { endsAt: Number.POSITIVE_INFINITY }
    browser.jar.set('theme', { value: 'dark', ...far })
    browser.jar.set('__Host-latchkey-refresh', { value: 'of-the-same-host', ...far })

    const first = await browser.open(signingIn(username))
    await browser.open(signingOut())
    await browser.open(signingIn(username))

    const device = first.headers.getSetCookie().find((text) => text.includes('latchkey-device='))
    const sent = requests
      .filter(({ url }) => url.endsWith('/login'))
      .map(({ headers }) => headers.get('cookie'))
    assert.match(
      device ?? '',
      /^(__Host-)?latchkey-device=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax/,
    )
    assert.deepEqual(sent, [null, device?.split(';')[0]])
  })

  for (const [trust, expected] of [
    ['127.0.0.1', 200],
    ['', 429],
  ] as const)
    test(`A guesser shuts out ${trust ? 'nobody else' : 'everybody'} where TRUST_PROXY is "${trust}"`, async (t) => {
      const { server, browserAt } = await scene(t, { env: { TRUST_PROXY: trust } })
      const { username } = await signedUp(server)
      const guesser = browserAt(undefined, { 'x-forwarded-for': '192.0.2.66' })
      const honest = browserAt(undefined, { 'x-forwarded-for': '192.0.2.1' })
      for (let guess = 0; guess < 100; guess++)
        await guesser.open(signingIn(`nobody-${guess}`, 'wrong'))

      const refused = await guesser.open(signingIn('nobody', 'wrong'))
      const { status } = await honest.open(signingIn(username))

      assert.equal(refused.status, 429)
      assert.equal(status, expected)
    })
})
