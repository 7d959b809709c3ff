// Attacks through the browser of somebody who is signed in: requests that another site makes,
// forms, links and pictures, cookies that are planted, doubled or named alike, and the cookie of
// one user beside the token of another.
// See also: CORS and Vary, ../http/cors.test.ts; planted sessions, planted-sessions.test.ts; the
// device cookie, ../sign-in/known-devices.test.ts; a new password, ../passwords/password.test.ts;
// a real browser, ../browser; methods in headers, costly-input.test.ts.
import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { BROWSER, call, liveSessions, withCookie } from '../support/answers.ts'
import {
  bearer,
  cookieOf,
  DEVICE_COOKIE,
  type Opened,
  ORIGIN,
  PASSWORD,
  type Person,
  REFRESH_COOKIE,
  refresh,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { aHouse } from '../support/houses.ts'
import { digestOf } from '../support/operations.ts'
import { assertProblem } from '../support/problems.ts'
import { routesOf } from '../support/routes.ts'

type Headers = Record<string, string>

const FRONTEND = 'https://app.example.org'
const EVIL = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

const cleanups: (() => unknown)[] = []
after(async () => {
  for (const clean of cleanups.reverse()) await clean()
})
let server: Promise<TestServer> | undefined

/** One server with a frontend on another origin, for all tests of this file. */
function shared(): Promise<TestServer> {
  const lifetime = { after: (clean: () => unknown) => void cleanups.push(clean) }
  const env = { CORS_ORIGINS: FRONTEND, RATE_LIMITS: 'off' }
  server ??= startServer(lifetime as TestContext, { env })
  return server
}

const MISSING = 'The Origin header is missing; cookie transport needs it.'
const FOREIGN = 'The Origin header names an origin that is not listed in CORS_ORIGINS.'
const ELSEWHERE = 'The Sec-Fetch-Site header is not same-origin.'

/** What a request of another site, or of none, shows, and what the refusal names. */
const foreign: [string, Headers, string][] = [
  ['neither Origin nor Sec-Fetch-Site', {}, MISSING],
  ['a Referer of the own site alone', { referer: `${ORIGIN}/` }, MISSING],
  ['an evil Origin', { origin: 'https://evil.example' }, FOREIGN],
  ['an evil Origin and a forged site', { origin: 'x:', 'sec-fetch-site': 'same-origin' }, FOREIGN],
  ['an opaque Origin', { origin: 'null' }, FOREIGN],
  ['an opaque Origin elsewhere', { origin: 'null', 'sec-fetch-site': 'cross-site' }, FOREIGN],
  ['an opaque Origin, typed', { origin: 'null', 'sec-fetch-site': 'none' }, FOREIGN],
  ['a made-up site', { origin: 'null', 'sec-fetch-site': 'Same-Origin' }, FOREIGN],
  ['another case of null', { origin: 'NULL', 'sec-fetch-site': 'same-origin' }, FOREIGN],
  ['an opaque Origin of the same site', { origin: 'null', 'sec-fetch-site': 'same-site' }, FOREIGN],
  ['an empty Origin', { origin: '' }, FOREIGN],
  ['another scheme', { origin: 'https://localhost:3000' }, FOREIGN],
  ['another loopback address', { origin: 'http://127.0.0.2:3000' }, FOREIGN],
  ['another name of this machine', { origin: 'http://[::1]:3000' }, FOREIGN],
  ['no number for a port', { origin: 'http://localhost:x' }, FOREIGN],
  ['another case', { origin: 'http://LOCALHOST:3000' }, FOREIGN],
  ['a trailing slash', { origin: `${ORIGIN}/` }, FOREIGN],
  ['a trailing dot', { origin: 'http://localhost.:3000' }, FOREIGN],
  ['a path', { origin: `${ORIGIN}/x` }, FOREIGN],
  ['a user', { origin: 'http://localhost:3000@evil.example' }, FOREIGN],
  ['a suffix', { origin: `${ORIGIN}.evil.example` }, FOREIGN],
  ['a suffix of the frontend', { origin: `${FRONTEND}.evil.example` }, FOREIGN],
  ['the frontend without https', { origin: FRONTEND.replace('https', 'http') }, FOREIGN],
  ['a prefix', { origin: 'http://evil-localhost:3000' }, FOREIGN],
  ['a sibling host', { origin: 'http://other.localhost:3000' }, FOREIGN],
  ['two origins', { origin: `${ORIGIN}, https://evil.example` }, FOREIGN],
  ['a cross-site request', { 'sec-fetch-site': 'cross-site' }, ELSEWHERE],
  ['a same-site request', { 'sec-fetch-site': 'same-site' }, ELSEWHERE],
  ['a typed address', { 'sec-fetch-site': 'none' }, ELSEWHERE],
  ['a made-up site', { 'sec-fetch-site': 'Same-Origin' }, ELSEWHERE],
  ['two sites', { 'sec-fetch-site': 'same-origin, cross-site' }, ELSEWHERE],
]

const allowed: [string, Headers][] = [
  ['the own Origin', BROWSER],
  ['the own Origin on a sibling site', { ...BROWSER, 'sec-fetch-site': 'same-site' }],
  ['a listed frontend', { origin: FRONTEND, 'sec-fetch-site': 'cross-site' }],
  ['a page on another port of this machine', { origin: 'http://localhost:5173' }],
  ['a page on this machine by its address', { origin: 'http://127.0.0.1:5173' }],
  ['no Origin and Sec-Fetch-Site same-origin', { 'sec-fetch-site': 'same-origin' }],
  ['an opaque Origin of the same origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
]

const join = (server: TestServer, headers: Headers) => {
  const username = uniqueName()
  const email = `${username}@example.com`
  const body = { username, email, password: PASSWORD, transport: 'cookie' }
  return call(server, 'POST /register', body, headers)
}

/** Fails when the session is not live, or the token was changed. */
async function assertUntouched(server: TestServer, person: Person): Promise<void> {
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
  const response = await call(server, 'POST /refresh', undefined, withCookie(person.cookie))
  assert.equal(response.json<Opened>().refreshed, 'rotated')
}

test('asking for a cookie or using one from anywhere else is refused with 403, and nothing happens', async () => {
  const server = await shared()
  const person = await signedUp(server, { transport: 'cookie' })
  const login = { username: person.username, password: PASSWORD, transport: 'cookie' }
  const password = { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }
  const before = await digestOf(server)

  for (const [what, headers, detail] of foreign) {
    const cookie = withCookie(person.cookie, headers)
    const refused = [
      await join(server, headers),
      await call(server, 'POST /login', login, headers),
      await call(server, 'POST /refresh', undefined, cookie),
      await call(server, 'POST /logout', undefined, cookie),
      await call(server, 'POST /logout', { refresh_token: 'worthless' }, cookie),
      await call(server, 'PUT /password', password, { ...headers, ...bearer(person.access_token) }),
    ]

    for (const response of refused) {
      assert.equal(response.statusCode, 403, what)
      assertProblem(response, 'csrf_rejected', { detail })
      assert.equal(response.headers['set-cookie'], undefined)
    }
  }

  assert.equal(await digestOf(server), before)
  await assertUntouched(server, person)
})

test('asking for a cookie and using it from where it is allowed is fine', async () => {
  const server = await shared()

  for (const [what, headers] of allowed) {
    const registered = await join(server, headers)
    const use = (line: string) =>
      call(server, line, undefined, withCookie(cookieOf(registered), headers))

    assert.equal(registered.statusCode, 201, `${what}: ${registered.body}`)
    assert.equal((await use('POST /refresh')).json().refreshed, 'rotated', what)
    assert.equal((await use('POST /logout')).statusCode, 200, what)
  }
})

/** What a form of another site can send without asking anybody. */
const encodings = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
]

test('a form of another site does nothing at any address that changes something', async () => {
  const server = await shared()
  const person = await signedUp(server, { transport: 'cookie' })
  const { username } = person
  const json = JSON.stringify({ username, password: PASSWORD, transport: 'cookie' })
  const bodies = [json, `{"username":"${username}","x":"=`, '', 'transport=cookie&_method=DELETE']
  const lines = routesOf(server).filter((line) => !/^(GET|OPTIONS) /.test(line))
  const before = await digestOf(server)

  for (const line of lines) {
    for (const [index, type] of encodings.entries()) {
      const headers = { ...withCookie(person.cookie, EVIL), 'content-type': type }
      const address = line.replace(/\{\w+\}/g, person.sessionId)
      const response = await call(server, address, bodies[index], headers)
      const { statusCode } = response
      assert.ok([400, 401, 403, 404, 415].includes(statusCode), `${line} ${type} ${statusCode}`)
      assert.equal(response.headers['set-cookie'], undefined, `${line} ${type}`)
    }
  }

  assert.ok(lines.length >= 15)
  assert.equal(await digestOf(server), before)
  await assertUntouched(server, person)
})

test('a form of another site signs nobody in to the account of an attacker', async () => {
  const server = await shared()
  const attacker = await signedUp(server)
  const { username } = attacker
  const form = (fields: Record<string, string>) => {
    const headers = { ...EVIL, 'content-type': 'application/x-www-form-urlencoded' }
    return call(server, 'POST /login', new URLSearchParams(fields).toString(), headers)
  }

  const inCookie = await form({ username, password: PASSWORD, transport: 'cookie' })
  const inBody = await form({ username, password: PASSWORD })

  assertProblem(inCookie, 'csrf_rejected', { detail: FOREIGN })
  // The answer is there, but the page that asked cannot read it, and the browser keeps nothing of
  // it.
  assert.equal(inBody.statusCode, 200)
  for (const { headers } of [inCookie, inBody]) {
    assert.equal(headers['set-cookie'], undefined)
    assert.equal(headers['access-control-allow-origin'], undefined)
  }
})

test('a link or a picture of another site changes nothing at any address', async () => {
  const server = await shared()
  const person = await signedUp(server, { transport: 'cookie' })
  const routes = routesOf(server).map((line) => line.split(' ')[1] ?? '')
  const addresses = routes.filter((route) => route.startsWith('/'))
  const before = await digestOf(server)

  for (const route of new Set(addresses)) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
      const line = `${method} ${route.replace(/\{\w+\}/g, person.sessionId).replace('*', '')}`
      const response = await call(server, line, undefined, withCookie(person.cookie, EVIL))
      assert.ok(response.statusCode < 500, line)
      assert.equal(response.headers['set-cookie'], undefined, line)
      // What is open to everybody is so without cookies.
      const isOpen = route.startsWith('/.well-known/') || route.startsWith('/client')
      const shown = isOpen ? '*' : undefined
      assert.equal(response.headers['access-control-allow-origin'], shown, line)
      assert.equal(response.headers['access-control-allow-credentials'], undefined, line)
    }
  }

  assert.equal(await digestOf(server), before)
  await assertUntouched(server, person)
})

test('requests by bearer or body are accepted with any Origin', async () => {
  const server = await shared()
  const person = await signedUp(server)
  const body = { username: person.username, password: PASSWORD }

  const loggedIn = await call(server, 'POST /login', body, EVIL)
  const { refresh_token, access_token } = loggedIn.json<Opened>()
  const refreshed = await call(server, 'POST /refresh', { refresh_token }, EVIL)
  const headers = { ...EVIL, ...bearer(access_token) }
  const out = await call(server, 'POST /logout', undefined, headers)

  assert.deepEqual([loggedIn.statusCode, refreshed.statusCode, out.statusCode], [200, 200, 200])
  assert.equal(loggedIn.headers['access-control-allow-origin'], undefined)
})

test('the token of one user beside the cookie of another acts for the token alone', async () => {
  const server = await shared()
  const [person, browser] = [
    await signedUp(server),
    await signedUp(server, { transport: 'cookie' }),
  ]
  const both = { ...withCookie(browser.cookie), ...bearer(person.access_token) }
  const ask = (line: string, body?: object) => call(server, line, body, both)
  const newPassword = 'another horse, another battery'

  const named: [line: string, username: string][] = []
  for (const line of ['GET /me', 'GET /dashboard', 'PATCH /me'] as const) {
    const answer = (await ask(line, line === 'PATCH /me' ? { name: 'Ada' } : undefined)).json()
    named.push([line, answer.logged_in_as ?? answer.username])
  }
  const house = await ask('POST /houses', aHouse())
  const inBody = { refresh_token: person.refresh_token }
  const answers = [
    await ask('GET /verify'),
    await ask('GET /sessions'),
    await ask('DELETE /sessions'),
    await ask('POST /refresh', inBody),
    await call(server, 'POST /refresh', undefined, { ...both, ...bearer(person.refresh_token) }),
    await ask('PUT /password', { currentPassword: PASSWORD, newPassword }),
    await ask('POST /logout'),
  ]

  assert.deepEqual([...new Set(named.map(([, username]) => username))], [person.username])
  assert.equal(house.json<{ ownerId: string }>().ownerId, person.user.id)
  assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
  for (const answer of answers) {
    assert.ok(!answer.body.includes(browser.sessionId), answer.body)
    assert.equal(cookieOf(answer), undefined)
  }
  await assertUntouched(server, browser)
})

test('an access token beside the cookie of another does not lend it its name', async () => {
  const server = await shared()
  const [person, browser] = [
    await signedUp(server),
    await signedUp(server, { transport: 'cookie' }),
  ]

  // An access token is not a refresh token: the refresh uses the other one.
  const both = { ...withCookie(browser.cookie), ...bearer(person.access_token) }
  const response = await call(server, 'POST /refresh', undefined, both)

  assert.equal(response.json<Opened>().user.id, browser.user.id)
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
  assert.equal((await refresh(server, person.refresh_token)).statusCode, 200)
})

/** Values of the refresh cookie that are not refresh tokens. */
const worthless: Record<string, (person: Person) => string> = {
  'an access token': ({ access_token }) => access_token,
  nonsense: () => 'planted',
  '4 kB': () => 'x'.repeat(4000),
  'broken percent-encoding': () => '%E0%A4%A',
  'a token in quotes': ({ cookie }) => `"${cookie}"`,
  'a token and more': ({ cookie }) => `${cookie}, x`,
  'another token behind a worthless one': ({ cookie }) => `x; ${REFRESH_COOKIE}=${cookie}`,
}

/** Names that a lenient server could take for that of the cookie. */
const lookalikes = [
  ...['Latchkey-Refresh', 'LATCHKEY-REFRESH', '__Secure-latchkey-refresh'],
  ...[
    '__Host-latchkey-refresh',
    `"${REFRESH_COOKIE}"`,
    `\u00a0${REFRESH_COOKIE}`,
    `\u0085${REFRESH_COOKIE}`,
  ],
  ...[`\u00e2\u0080\u0080${REFRESH_COOKIE}`, `\u000b${REFRESH_COOKIE}`, `x,${REFRESH_COOKIE}`],
  ...[`${REFRESH_COOKIE}\u00a0`, `${REFRESH_COOKIE}\0`, '%6catchkey-refresh', '__proto__'],
  ...[
    `$Version=1, ${REFRESH_COOKIE}`,
    `${REFRESH_COOKIE}[0]`,
    `${REFRESH_COOKIE}.0`,
    DEVICE_COOKIE,
  ],
]

test('a cookie that is worthless, or only named alike, refreshes nothing', async () => {
  const server = await shared()
  const person = await signedUp(server, { transport: 'cookie' })
  const send = (cookie: string) => call(server, 'POST /refresh', undefined, { ...BROWSER, cookie })

  for (const make of Object.values(worthless)) {
    assertProblem(await send(`${REFRESH_COOKIE}=${make(person)}`), 'invalid_token')
  }
  for (const name of lookalikes) {
    const response = await send(`__proto__=x; constructor=y; ${name}=${person.cookie}`)
    assert.equal(response.statusCode, 401, JSON.stringify(name))
    assertProblem(response, 'unauthenticated')
  }

  assert.equal(({} as Record<string, unknown>).x, undefined)
  await assertUntouched(server, person)
})

const COOKIE = new RegExp(
  `^(?:${REFRESH_COOKIE}|${DEVICE_COOKIE})=[\\w.~-]*; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`,
)

test('every cookie of a whole life is for this host, for no script and within the limit of browsers', async () => {
  const server = await shared()
  const answers: LightMyRequestResponse[] = []
  const jar: Headers = {}
  const visit = async (line: string, body?: object, token?: string) => {
    const cookie = Object.entries(jar).map(([name, value]) => `${name}=${value}`)
    const headers = { ...BROWSER, cookie: cookie.join('; '), ...(token ? bearer(token) : {}) }
    const answer = await call(server, line, body, headers)
    assert.ok(answer.statusCode < 300, `${line}: ${answer.body}`)
    answers.push(answer)
    for (const { name, value } of answer.cookies) jar[name] = value
    return answer
  }
  const cookie = { transport: 'cookie', password: PASSWORD }
  const newPassword = 'another horse, another battery'

  for (let account = 0; account < 6; account++) {
    const username = uniqueName('x'.repeat(20))
    await visit('POST /register', { ...cookie, username, email: `${username}@example.com` })
    const { access_token } = (await visit('POST /login', { ...cookie, username })).json<Opened>()
    const change = { currentPassword: PASSWORD, newPassword }
    await visit('PUT /password', change, access_token)
    const refreshed = (await visit('POST /refresh')).json<Opened>()
    if (account % 2 === 0) await visit('POST /logout')
    else await visit('DELETE /me', { currentPassword: newPassword }, refreshed.access_token)
  }

  const lines = answers.flatMap(({ headers }) => headers['set-cookie'] ?? [])
  assert.equal(lines.length, 48)
  for (const line of lines) {
    assert.match(line, COOKIE)
    assert.ok(line.length <= 4096)
  }
  assert.equal(jar[REFRESH_COOKIE], '')
})
