import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, BROWSER, call, liveSessions, refreshCookie, withCookie } from './answers.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import {
  bearer,
  cookieOf,
  type Opened,
  ORIGIN,
  PASSWORD,
  REFRESH_COOKIE,
  signedUp,
} from './people.ts'
import { assertProblem } from './problems.ts'

const FRONTEND = 'https://app.example.org'

const MISSING = 'The Origin header is missing; cookie transport needs it.'
const FOREIGN = 'The Origin header names an origin that is not listed in CORS_ORIGINS.'
const ELSEWHERE = 'The Sec-Fetch-Site header is not same-origin.'

/** What a request of another site, or of none, shows, and what the refusal names. */
const foreign: [string, Record<string, string>, string][] = [
  ['neither Origin nor Sec-Fetch-Site', {}, MISSING],
  ['a Referer of the own site alone', { referer: `${ORIGIN}/` }, MISSING],
  ['an evil Origin', { origin: 'https://evil.example' }, FOREIGN],
  ['an evil Origin and a forged site', { origin: 'x:', 'sec-fetch-site': 'same-origin' }, FOREIGN],
  ['an opaque Origin', { origin: 'null' }, FOREIGN],
  ['an empty Origin', { origin: '' }, FOREIGN],
  ['another scheme', { origin: 'https://localhost:3000' }, FOREIGN],
  ['another port', { origin: 'http://localhost:3001' }, FOREIGN],
  ['no port', { origin: 'http://localhost' }, FOREIGN],
  ['another case', { origin: 'http://LOCALHOST:3000' }, FOREIGN],
  ['a trailing slash', { origin: `${ORIGIN}/` }, FOREIGN],
  ['a path', { origin: `${ORIGIN}/x` }, FOREIGN],
  ['a suffix', { origin: `${ORIGIN}.evil.example` }, FOREIGN],
  ['a prefix', { origin: 'http://evil-localhost:3000' }, FOREIGN],
  ['a sibling host', { origin: 'http://other.localhost:3000' }, FOREIGN],
  ['two origins', { origin: `${ORIGIN}, https://evil.example` }, FOREIGN],
  ['a cross-site request', { 'sec-fetch-site': 'cross-site' }, ELSEWHERE],
  ['a same-site request', { 'sec-fetch-site': 'same-site' }, ELSEWHERE],
  ['a typed address', { 'sec-fetch-site': 'none' }, ELSEWHERE],
  ['a made-up site', { 'sec-fetch-site': 'Same-Origin' }, ELSEWHERE],
]

const allowed: [string, Record<string, string>][] = [
  ['the own Origin', BROWSER],
  ['the own Origin on a sibling site', { ...BROWSER, 'sec-fetch-site': 'same-site' }],
  ['a listed frontend', { origin: FRONTEND, 'sec-fetch-site': 'cross-site' }],
  ['no Origin and Sec-Fetch-Site same-origin', { 'sec-fetch-site': 'same-origin' }],
]

const startWithFrontend = (t: Parameters<typeof startServer>[0]) =>
  startServer(t, { env: { CORS_ORIGINS: FRONTEND } })

const join = (server: TestServer, headers: Record<string, string>, username = uniqueName()) => {
  const email = `${username}@example.com`
  const body = { username, email, password: PASSWORD, transport: 'cookie' }
  return call(server, 'POST /register', body, headers)
}

test('cookie transport keeps the refresh token in one cookie with exact attributes', async (t) => {
  const server = await startServer(t)
  const username = uniqueName()
  const user = { username, email: `${username}@example.com` }

  const registered = await join(server, BROWSER, username)
  const body = { username, password: PASSWORD, transport: 'cookie' }
  const loggedIn = await call(server, 'POST /login', body, BROWSER)
  const refreshed = await call(server, 'POST /refresh', undefined, withCookie(cookieOf(loggedIn)))

  const shared = { user, transport: 'cookie' } as const
  const welcome = `Welcome, ${username}!`
  assertSession(server, registered, { ...shared, status: 201, message: welcome })
  assertSession(server, loggedIn, { ...shared, message: `Welcome back, ${username}!` })
  const message = `Your session goes on, ${username}.`
  assertSession(server, refreshed, { ...shared, message, refreshed: 'rotated' })
  assert.ok(String(refreshed.headers['set-cookie']).length <= 4096)
})

test('the cookie of a session holds no personal data', async (t) => {
  const server = await startServer(t)
  const { cookie, username, email } = await signedUp(server, { transport: 'cookie' })

  const decoded = String(cookie)
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join('\n')

  for (const fact of [username, email]) assert.ok(!decoded.includes(fact))
})

test('the cookie is as long-lived as its token, and signing out clears it alike', async (t) => {
  const server = await startServer(t)
  const { cookie } = await signedUp(server, { transport: 'cookie' })
  server.clock.advance(10)

  const replaced = await call(server, 'POST /refresh', undefined, withCookie(cookie))
  const next = cookieOf(replaced)
  const cleared = await call(server, 'POST /logout', undefined, withCookie(next))

  assert.equal(replaced.headers['set-cookie'], refreshCookie(String(next), 2_592_000))
  assert.equal(cleared.headers['set-cookie'], refreshCookie('', 0))
})

for (const [what, headers, detail] of foreign) {
  test(`asking for a cookie or using one with ${what} is refused with 403`, async (t) => {
    const server = await startWithFrontend(t)
    const person = await signedUp(server, { transport: 'cookie' })
    const { username, access_token, sessionId } = person
    const body = { username, password: PASSWORD, transport: 'cookie' }

    const refused = [
      await join(server, headers),
      await call(server, 'POST /login', body, headers),
      await call(server, 'POST /refresh', undefined, withCookie(person.cookie, headers)),
      await call(server, 'POST /logout', undefined, withCookie(person.cookie, headers)),
    ]

    for (const response of refused) {
      assertProblem(response, 'csrf_rejected', { detail })
      assert.equal(response.headers['set-cookie'], undefined)
    }
    assert.deepEqual(await liveSessions(server, access_token), [sessionId])
    assert.equal(await server.database.client.user.count(), 1)
  })
}

for (const [what, headers] of allowed) {
  test(`asking for a cookie and using it with ${what} is fine`, async (t) => {
    const server = await startWithFrontend(t)

    const registered = await join(server, headers)
    const use = (line: string) =>
      call(server, line, undefined, withCookie(cookieOf(registered), headers))

    assert.equal(registered.statusCode, 201, registered.body)
    assert.equal((await use('POST /refresh')).json().refreshed, 'rotated')
    assert.equal((await use('POST /logout')).statusCode, 200)
  })
}

test('requests by bearer or body need no origin, whatever their Origin says', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const body = { username: person.username, password: PASSWORD }

  const loggedIn = await call(server, 'POST /login', body, evil)
  const { refresh_token, access_token } = loggedIn.json<Opened>()
  const refreshed = await call(server, 'POST /refresh', { refresh_token }, evil)
  const headers = { ...evil, ...bearer(access_token) }
  const out = await call(server, 'POST /logout', undefined, headers)

  assert.deepEqual([loggedIn.statusCode, refreshed.statusCode, out.statusCode], [200, 200, 200])
  assert.equal(loggedIn.headers['access-control-allow-origin'], undefined)
})

test('bearer requests ignore the cookie of somebody else', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const browser = await signedUp(server, { transport: 'cookie' })
  const both = { ...withCookie(browser.cookie), ...bearer(person.access_token) }

  const me = await call(server, 'GET /me', undefined, both)
  const inBody = { refresh_token: person.refresh_token }
  const refreshed = await call(server, 'POST /refresh', inBody, withCookie(browser.cookie))

  assert.equal(me.json<{ id: string }>().id, person.user.id)
  assert.equal(refreshed.json<Opened>().sessionId, person.sessionId)
  assert.equal(refreshed.headers['set-cookie'], undefined)
})

test('a dead access token beside the cookie does not block a refresh', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  server.clock.advance(901)

  const headers = { ...withCookie(person.cookie), ...bearer(person.access_token) }
  const response = await call(server, 'POST /refresh', undefined, headers)

  assert.equal(response.json<Opened>().refreshed, 'rotated')
})

for (const [what, cookie] of [
  ['an access token', (person: Opened) => `${REFRESH_COOKIE}=${person.access_token}`],
  ['nonsense', () => `${REFRESH_COOKIE}=planted`],
  ['4 kB', () => `${REFRESH_COOKIE}=${'x'.repeat(4000)}`],
  ['broken percent-encoding', () => `${REFRESH_COOKIE}=%E0%A4%A`],
] as const) {
  test(`POST /refresh with ${what} in the cookie answers invalid_token`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server, { transport: 'cookie' })

    const headers = { ...BROWSER, cookie: cookie(person) }
    const response = await call(server, 'POST /refresh', undefined, headers)

    assertProblem(response, 'invalid_token')
  })
}

for (const name of ['__host-latchkey-refresh', '__HOST-LATCHKEY-REFRESH', 'latchkey-refresh']) {
  test(`POST /refresh takes no notice of a cookie that is named ${name}`, async (t) => {
    const server = await startServer(t)
    const { cookie } = await signedUp(server, { transport: 'cookie' })

    const headers = { ...BROWSER, cookie: `${name}=${cookie}` }
    const response = await call(server, 'POST /refresh', undefined, headers)

    assertProblem(response, 'unauthenticated')
  })
}

test('an access token in a cookie, a query or a body signs nobody in', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server, { transport: 'cookie' })

  const inCookie = await call(server, 'GET /me', undefined, withCookie(access_token))
  const named = { cookie: `token=${access_token}; access_token=${access_token}` }
  const inOther = await call(server, 'GET /me', undefined, named)
  const inQuery = await call(server, `GET /me?access_token=${access_token}`)

  for (const response of [inCookie, inOther, inQuery]) assertProblem(response, 'unauthenticated')
})
