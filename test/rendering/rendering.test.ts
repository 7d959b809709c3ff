// runs once
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Visit } from '../../client/src/server/index.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import {
  answerBroken,
  answerLost,
  gateway,
  listeningServer,
  unreachable,
} from '../support/network.ts'
import {
  EXPIRY_SECONDS,
  outcome,
  registering,
  scene,
  shownTo,
  signedUpScene,
  signingIn,
  signingOut,
} from '../support/rendering.ts'
import { home, type Shown } from '../support/visitors.ts'

// `@latchkey/client/server`: an application that renders on a server, browsers in front of it, and
// a real Latchkey behind it.

const ACCESS = 'session-access'
const REFRESH = 'session-refresh'
const HOUR = 3600
const PUBLIC = 'https://app.example.com'

describe('A rendering server', () => {
  test('A browser gets two cookies of the application, Secure outside of this machine', async (t) => {
    const { browserAt } = await scene(t)
    const registered = async (origin: string, headers = {}) => {
      const response = await browserAt(origin, headers).open(registering(uniqueName()))
      const set = response.headers.getSetCookie().filter((text) => /-(access|refresh)=/.test(text))
      return set.map((text) => text.replace(/=[\w-]+\.[\w-]+\.[\w-]+;/, '=…;'))
    }

    const local = await registered('http://localhost:5000')
    const remote = await registered(PUBLIC)
    const behindTls = await registered('http://127.0.0.1:5000', { 'x-forwarded-proto': 'https' })

    const refreshAfter = Number(/Max-Age=(\d+)/.exec(local[0] ?? '')?.[1])
    assert.ok(refreshAfter > 700 && refreshAfter < EXPIRY_SECONDS, `${refreshAfter}`)
    assert.match(local[0] ?? '', /^session-access=…; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/)
    assert.equal(local[1], 'session-refresh=…; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax')
    for (const set of [remote, behindTls]) {
      assert.match(set[0] ?? '', /^__Host-session-access=.*SameSite=Lax; Secure$/)
      assert.match(set[1] ?? '', /^__Host-session-refresh=.*SameSite=Lax; Secure$/)
    }
  })

  for (const origin of ['http://localhost:5000', PUBLIC])
    test(`The middleware refreshes only where the access cookie is gone, at ${origin}`, async (t) => {
      const { browser, username, network, clock } = await signedUpScene(t, { origin })

      const before = [await browser.show(), await browser.show()]
      const early = network.sent('POST /refresh').length
      clock.advance(EXPIRY_SECONDS)
      const after = await browser.show()
      const again = await browser.show()

      assert.deepEqual([...before, after, again], Array(4).fill(shownTo(username)))
      assert.equal(early, 0)
      assert.equal(network.sent('POST /refresh').length, 1)
    })

  test('What renders sees the new cookies, and the other ones as they were', async (t) => {
    const { browser, clock } = await signedUpScene(t)
    const cookieHeader = async (visit: Visit) => Response.json({ cookie: visit.cookieHeader })
    browser.jar.set('theme', { value: '"dark; blue=1"', endsAt: Number.POSITIVE_INFINITY })
    browser.jar.set('lang', { value: 'a=b', endsAt: Number.POSITIVE_INFINITY })
    clock.advance(EXPIRY_SECONDS)

    const { cookie } = (await (await browser.open(cookieHeader)).json()) as { cookie: string }

    const { value: access } = browser.jar.get(ACCESS) ?? {}
    const { value: refresh } = browser.jar.get(REFRESH) ?? {}
    assert.ok(cookie.includes('theme="dark; blue=1"; lang=a=b; '), cookie)
    assert.ok(cookie.endsWith(`${ACCESS}=${access}; ${REFRESH}=${refresh}`), cookie)
  })

  test('Twenty expiries, each with ten requests at once, keep a browser signed in', async (t) => {
    const { browser, username, clock } = await signedUpScene(t)
    const rounds: Shown[][] = []

    for (let round = 0; round < 20; round++) {
      clock.advance(EXPIRY_SECONDS)
      rounds.push(await Promise.all(Array.from({ length: 10 }, () => browser.show())))
    }

    assert.deepEqual(rounds.flat(), Array(200).fill(shownTo(username)))
  })

  test('A rendering server that never sets the cookie stays signed in for 20 expiries', async (t) => {
    const { browser, username, clock } = await signedUpScene(t)
    const rounds: Shown[] = []

    for (let round = 0; round < 20; round++) {
      clock.advance(EXPIRY_SECONDS)
      rounds.push(await browser.show(home, { keeps: false }))
    }

    assert.deepEqual(rounds, Array(20).fill(shownTo(username)))
  })

  test('A refresh whose answers were lost is completed an hour later', async (t) => {
    const { browser, username, network, clock } = await signedUpScene(t)
    clock.advance(EXPIRY_SECONDS)
    network.befall('POST /refresh', answerLost, answerLost)

    const lost = await browser.show()
    clock.advance(HOUR)
    const found = await browser.show()

    assert.deepEqual([lost.status, lost.state], [503, 'unknown'])
    assert.deepEqual(found, shownTo(username))
  })

  test('A connection that breaks once is retried, and the visitor sees no error', async (t) => {
    const { browser, username, network, clock } = await signedUpScene(t)
    clock.advance(EXPIRY_SECONDS)
    network.befall('POST /refresh', answerLost)

    assert.deepEqual(await browser.show(), shownTo(username))
  })

  const AWAY = {
    'cannot be reached': [unreachable, unreachable],
    'breaks off its answers': [answerBroken, answerBroken],
    'is behind a gateway that answers 502': [gateway(502)],
    'is behind a gateway that answers 401': [gateway(401)],
    'answers 429': [gateway(429, { 'retry-after': '60' })],
    'answers 503': [gateway(503, { 'retry-after': '5' })],
    'answers 500': [gateway(500)],
  }
  for (const [what, fates] of Object.entries(AWAY))
    test(`The cookies stay while Latchkey ${what}`, async (t) => {
      const { browser, username, network, clock } = await signedUpScene(t)
      clock.advance(EXPIRY_SECONDS)
      network.befall('POST /refresh', ...fates)
      const look = async ({ state }: Visit) => Response.json({ state })

      const away = await browser.open(look)
      const back = await browser.show()

      assert.deepEqual(await away.json(), { state: 'unknown' })
      assert.deepEqual(away.headers.getSetCookie(), [])
      assert.deepEqual(back, shownTo(username))
    })

  test('The cookies stay while Latchkey is stopped, and work after a new start', async (t) => {
    const { server, url, browser, username, clock } = await signedUpScene(t)
    clock.advance(EXPIRY_SECONDS)
    const { port } = new URL(server.baseUrl)
    await server.app.close()
    const look = async ({ state }: Visit) => Response.json({ state })

    const away = (await (await browser.open(look)).json()) as Shown
    await listeningServer(t, { url, clock, port: Number(port) })
    const back = await browser.show()

    assert.equal(away.state, 'unknown')
    assert.deepEqual(back, shownTo(username))
  })

  test('The cookies are removed when Latchkey says that the session has ended', async (t) => {
    const { server, browser, username } = await signedUpScene(t)
    const other = await signedIn(server, { username })
    await server.inject({
      method: 'DELETE',
      url: '/sessions',
      headers: bearer(other.access_token),
    })

    const ended = await browser.open(home)
    const next = await browser.show()

    assert.match(ended.headers.getSetCookie().join(), /^session-access=; Max-Age=0;[^,]*$/)
    assert.deepEqual(next, { status: 401, code: 'unauthenticated', state: 'signedOut' })
    assert.deepEqual(
      browser.names().filter((name) => name.startsWith('session')),
      [],
    )
  })

  test('A refused access token is replaced by a refresh, and the session continues', async (t) => {
    const { browser, username } = await signedUpScene(t)
    const access = browser.jar.get(ACCESS)
    assert.ok(access)
    access.value = 'bad'

    const refused = await browser.show()
    const next = await browser.show()

    assert.deepEqual([refused.code, refused.state], ['invalid_token', 'unknown'])
    assert.deepEqual(next, shownTo(username))
  })

  test('A sign-in overrides the refresh of the same request', async (t) => {
    const { server, browser, clock } = await signedUpScene(t)
    const other = await signedUp(server)
    clock.advance(EXPIRY_SECONDS)

    const { status, headers } = await browser.open(signingIn(other.username))
    const names = headers.getSetCookie().map((text) => text.split('=')[0] ?? '')

    assert.equal(status, 200)
    assert.equal(new Set(names).size, names.length, `${names}`)
    assert.deepEqual(await browser.show(), shownTo(other.username))
  })

  test('A sign-in ends the session that the browser had', async (t) => {
    const { server, browser, username } = await signedUpScene(t)
    const other = await signedUp(server)

    await browser.open(signingIn(other.username))
    await browser.open(signingIn(username))

    const list = async (visit: Visit) => visit.fetch('/sessions')
    const { items } = (await (await browser.open(list)).json()) as { items: unknown[] }
    assert.equal(items.length, 1)
  })

  test('A cookie that the answer sets itself overrides the refreshed one', async (t) => {
    const { browser, clock } = await signedUpScene(t)
    clock.advance(EXPIRY_SECONDS)
    const own = `${REFRESH}=; Max-Age=0; Path=/`
    const page = async () => new Response('', { headers: { 'set-cookie': own } })

    const { headers } = await browser.open(page)

    const set = headers.getSetCookie()
    assert.deepEqual(
      set.filter((text) => text.startsWith(REFRESH)),
      [own],
    )
    assert.equal(set.filter((text) => text.startsWith(ACCESS)).length, 1)
  })

  test('Signing out ends the session with an access token that expired, too', async (t) => {
    const { server, browser, clock } = await signedUpScene(t)
    const refreshToken = browser.jar.get(REFRESH)?.value
    clock.advance(EXPIRY_SECONDS)

    const { status } = await browser.open(signingOut())
    const after = await browser.show()
    const { statusCode } = await server.inject({
      method: 'POST',
      url: '/refresh',
      payload: { refresh_token: refreshToken },
    })

    assert.equal(status, 200)
    assert.deepEqual(after, { status: 401, code: 'unauthenticated', state: 'signedOut' })
    assert.equal(statusCode, 401)
  })

  test('Signing out keeps the session where Latchkey is away, unless it is local', async (t) => {
    const { browser, network } = await signedUpScene(t)
    network.befall('POST /logout', ...Array(4).fill(unreachable))

    const kept = await browser.open(signingOut())
    const dropped = await browser.open(signingOut({ local: true }))

    assert.deepEqual([kept.status, kept.headers.getSetCookie()], [503, []])
    assert.equal(dropped.status, 200)
    assert.equal((await browser.show()).state, 'signedOut')
  })

  test('A changed password keeps this browser signed in, with new tokens', async (t) => {
    const { browser, username } = await signedUpScene(t)
    const before = browser.jar.get(ACCESS)?.value
    const change = async (visit: Visit) =>
      outcome(
        await visit.changePassword({
          currentPassword: PASSWORD,
          newPassword: 'a quite different sentence',
        }),
      )

    const { status } = await browser.open(change)

    assert.equal(status, 200)
    assert.notEqual(browser.jar.get(ACCESS)?.value, before)
    assert.deepEqual(await browser.show(), shownTo(username))
  })

  test('What Latchkey refuses at a sign-in reaches the form', async (t) => {
    const { browserAt } = await scene(t)
    const browser = browserAt()

    const response = await browser.open(signingIn(uniqueName(), 'wrong'))
    const { code, action } = (await response.json()) as { code: string; action: string }

    assert.deepEqual([response.status, code, action], [401, 'invalid_credentials', 'fix_request'])
    assert.deepEqual(response.headers.getSetCookie(), [])
  })

  test('A form of another site signs nobody in', async (t) => {
    const { server, browserAt, requests } = await scene(t)
    const { username } = await signedUp(server)
    const browser = browserAt()

    const statuses: number[] = []
    for (const site of ['cross-site', 'same-site', 'same-origin', 'none']) {
      const more = { 'sec-fetch-site': site }
      statuses.push((await browser.open(signingIn(username), { more })).status)
    }

    assert.deepEqual(statuses, [403, 403, 200, 200])
    assert.equal(requests.filter(({ url }) => url.endsWith('/login')).length, 2)
  })
})
