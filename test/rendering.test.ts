import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createServerSessions, type Opened, type Visit } from '../client/src/server/index.ts'
import { freshDatabase, uniqueName } from './helper.ts'
import {
  answerBroken,
  answerLost,
  createNetwork,
  gateway,
  listeningServer,
  unreachable,
} from './network.ts'
import { bearer, ORIGIN, PASSWORD, signedIn, signedUp } from './people.ts'
import { createApplication, createBrowser, home, type Shown } from './visitors.ts'

// `@latchkey/client/server`: an application that renders on a server, browsers in front of it, and a real Latchkey behind it.

const ACCESS = 'session-access'
const REFRESH = 'session-refresh'
const EXPIRY_SECONDS = 900
const HOUR = 3600
const PUBLIC = 'https://app.example.com'

type SceneOptions = { env?: Record<string, string>; origin?: string }

/** A Latchkey, an application, and what browsers need to meet it. */
async function scene(t: TestContext, { env = {} }: SceneOptions = {}) {
  const url = await freshDatabase(t)
  const server = await listeningServer(t, { url, env: { TRUST_PROXY: '127.0.0.1', ...env } })
  const network = createNetwork()
  const requests: Request[] = []
  const application = createApplication({
    baseUrl: server.baseUrl,
    fetch(request) {
      requests.push(request.clone())
      return network.fetch(request)
    },
  })
  const { clock } = server
  const browserAt = (origin?: string, headers?: Record<string, string>) =>
    createBrowser(application, {
      clock,
      ...(origin ? { origin } : {}),
      ...(headers ? { headers } : {}),
    })
  return { server, url, network, requests, browserAt, clock }
}

/** A scene with a browser in which somebody has just registered. */
async function signedUpScene(t: TestContext, options: SceneOptions = {}) {
  const made = await scene(t, options)
  const browser = made.browserAt(options.origin)
  const username = uniqueName()
  const response = await browser.open(registering(username))
  assert.equal(response.status, 201, await response.clone().text())
  return { ...made, browser, username }
}

const outcome = ({ user, problem }: Opened, status = 200) =>
  Response.json(user ?? problem, { status: problem?.status ?? status })

const registering = (username: string) => async (visit: Visit) =>
  outcome(
    await visit.register({ username, email: `${username}@example.com`, password: PASSWORD }),
    201,
  )

const signingIn =
  (username: string, password = PASSWORD) =>
  async (visit: Visit) =>
    outcome(await visit.signIn({ username, password }))

const signingOut =
  (options: { local?: boolean } = {}) =>
  async (visit: Visit) => {
    const { problem } = await visit.signOut(options)
    return Response.json(problem ?? {}, { status: problem?.status ?? 200 })
  }

const shownTo = (username: string): Shown => ({ status: 200, state: 'signedIn', username })

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

  test('A refresh whose answers are lost is made up for an hour later', async (t) => {
    const { browser, username, network, clock } = await signedUpScene(t)
    clock.advance(EXPIRY_SECONDS)
    network.befall('POST /refresh', answerLost, answerLost)

    const lost = await browser.show()
    clock.advance(HOUR)
    const found = await browser.show()

    assert.deepEqual([lost.status, lost.state], [503, 'unknown'])
    assert.deepEqual(found, shownTo(username))
  })

  test('A connection that breaks once costs a visitor nothing', async (t) => {
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

  test('The cookies go when Latchkey says that the session is over', async (t) => {
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

  test('An access token that is refused is asked for anew, and the session goes on', async (t) => {
    const { browser, username } = await signedUpScene(t)
    const access = browser.jar.get(ACCESS)
    assert.ok(access)
    access.value = 'bad'

    const refused = await browser.show()
    const next = await browser.show()

    assert.deepEqual([refused.code, refused.state], ['invalid_token', 'unknown'])
    assert.deepEqual(next, shownTo(username))
  })

  test('A sign-in has the last word over the refresh of the same request', async (t) => {
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

  test('A cookie that the answer sets by itself has the last word', async (t) => {
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

  test('The address that the framework knows goes before a header', async (t) => {
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

describe('Caches and paths', () => {
  const CACHED = { 'cache-control': 'public, max-age=60' }

  test('An answer to a signed-in visitor stays out of caches, unless the page says otherwise', async (t) => {
    const { browser, browserAt, clock } = await signedUpScene(t)
    const page =
      (headers = {}) =>
      async () =>
        new Response('', { headers })
    const cacheControl = async (who: typeof browser, headers = {}) =>
      (await who.open(page(headers))).headers.get('cache-control')

    const signedIn = await cacheControl(browser)
    const chosen = await cacheControl(browser, CACHED)
    clock.advance(EXPIRY_SECONDS)
    const refreshed = await cacheControl(browser, CACHED)
    const stranger = [await cacheControl(browserAt()), await cacheControl(browserAt(), CACHED)]

    assert.deepEqual(
      [signedIn, chosen, refreshed, ...stranger],
      ['private, no-store', 'public, max-age=60', 'private, no-store', null, 'public, max-age=60'],
    )
  })

  test('Cookies reach answers whose headers cannot be changed', async (t) => {
    const { browser, clock } = await signedUpScene(t)
    for (const page of [
      async () => Response.redirect(ORIGIN, 303),
      async (visit: Visit) => visit.fetch('/me'),
      async () => new Response(null, { status: 204 }),
    ]) {
      clock.advance(EXPIRY_SECONDS)
      const { status, headers } = await browser.open(page)
      assert.ok([200, 204, 303].includes(status))
      assert.match(headers.getSetCookie().join(), /session-access=/)
    }
  })

  test('A call that Latchkey does not answer is answered 503, and an aborted one throws', async (t) => {
    const { browser, network, username } = await signedUpScene(t)
    network.befall('GET /me', unreachable)
    const aborted = async (visit: Visit) => {
      await assert.rejects(visit.fetch('/me', { signal: AbortSignal.abort() }), {
        name: 'AbortError',
      })
      return Response.json({})
    }

    const away = await browser.show()
    await browser.open(aborted)

    assert.deepEqual(away, { status: 503, code: 'unavailable', state: 'signedIn' })
    assert.deepEqual(await browser.show(), shownTo(username))
  })

  test('A call leads to Latchkey alone, and keeps an Authorization of its own', async (t) => {
    const { browser, requests } = await signedUpScene(t)
    const calls = async (visit: Visit) => {
      await assert.rejects(visit.fetch('https://example.com/'), TypeError)
      await assert.rejects(visit.fetch('@example.com/'), TypeError)
      return visit.fetch('/me', { headers: { authorization: 'Bearer other' } })
    }

    const { status, headers } = await browser.open(calls)

    assert.equal(status, 401)
    assert.equal(requests.at(-1)?.headers.get('authorization'), 'Bearer other')
    assert.deepEqual(headers.getSetCookie(), [])
  })
})
