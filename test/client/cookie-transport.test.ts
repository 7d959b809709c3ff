import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import request from 'supertest'
import { CookieJar } from 'tough-cookie'
import { assertSession, BROWSER, call, refreshCookie, withCookie } from '../support/answers.ts'
import { bearer, cookieOf, type Opened, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { listeningServer } from '../support/network.ts'
import { skipWithout, startPlace } from '../support/walkthrough.ts'

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
  const message = `Your session continues, ${username}.`
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

test('a dead access token beside the cookie does not block a refresh', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  server.clock.advance(901)

  const headers = { ...withCookie(person.cookie), ...bearer(person.access_token) }
  const response = await call(server, 'POST /refresh', undefined, headers)

  assert.equal(response.json<Opened>().refreshed, 'rotated')
})

const PRODUCTION = {
  NODE_ENV: 'production',
  SECRET: 'q3Vt8LzXw0pKf7RbN2mYc5HsJd9GaU4eTi6ZoQx1',
  ...{ ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' },
}

const plain = { prefix: '', secure: '' }
const host = { prefix: '__Host-', secure: ' Secure;' }
const places: [address: string, env: Record<string, string>, cookies: typeof plain][] = [
  ['http://localhost:3000', {}, plain],
  ['http://localhost', {}, plain],
  ['http://127.0.0.1:4000', {}, plain],
  ['http://[::1]:3000', {}, plain],
  ['http://localhost:3000/auth', {}, plain],
  ['http://localhost:3000', { NODE_ENV: 'test' }, plain],
  ['https://localhost:3000', {}, host],
  ['http://app.localhost:3000', {}, host],
  ['http://127.0.0.2:3000', {}, host],
  ['http://localhost.example.com', {}, host],
  ['http://192.168.1.5:3000', {}, host],
  ['https://auth.example.com', {}, host],
  ['https://example.com/auth', {}, host],
  ['http://localhost:3000', PRODUCTION, host],
  ['http://127.0.0.1:3000', PRODUCTION, host],
  ['https://auth.example.com', PRODUCTION, host],
]

for (const [address, env, { prefix, secure }] of places) {
  const mode = env.NODE_ENV ?? 'development'
  test(`at ${address} in ${mode} the cookies are ${prefix}latchkey-*${secure || ' without Secure'}`, async (t) => {
    const server = await startServer(t, { env: { ...env, PUBLIC_URL: address } })
    const browser = { origin: new URL(address).origin }
    const own = `${prefix}latchkey-refresh`
    const rules = `Path=/; HttpOnly;${secure} SameSite=Strict`

    const registered = await join(server, browser)
    const lines = [registered.headers['set-cookie'] ?? []].flat()
    const tokens = lines.map((line) => /=([^;]+)/.exec(line)?.[1] ?? '')
    const [refreshToken = ''] = tokens.filter((token) => token.split('.').length === 3)
    const refreshWith = (name: string) =>
      call(server, 'POST /refresh', undefined, { ...browser, cookie: `${name}=${refreshToken}` })
    const misnamed = await refreshWith(prefix === '' ? `__Host-${own}` : 'latchkey-refresh')
    const refreshed = await refreshWith(own)
    const cookie = `${own}=${refreshed.cookies[0]?.value}`
    const out = await call(server, 'POST /logout', undefined, { ...browser, cookie })

    const shapes = lines.map((line) => line.replace(/=[^;]+;/, '=…;'))
    assert.deepEqual(shapes.sort(), [
      `${prefix}latchkey-device=…; Max-Age=34560000; ${rules}`,
      `${own}=…; Max-Age=2592000; ${rules}`,
    ])
    assert.equal(misnamed.statusCode, 401)
    assert.equal(refreshed.json<Opened>().refreshed, 'rotated')
    assert.equal(out.headers['set-cookie'], `${own}=; Max-Age=0; ${rules}`)
  })
}

// Over plain http on this machine, the jars of programs keep and send no cookie that is Secure.

const someone = () => {
  const username = uniqueName()
  const email = `${username}@example.com`
  return { username, email, password: PASSWORD, transport: 'cookie' }
}

/** A `fetch` with the cookies of a strict jar. */
function withJar(jar: CookieJar, origin: string) {
  return async (url: string, body?: object) => {
    const cookie = await jar.getCookieString(url)
    const headers = { origin, cookie, ...(body ? { 'content-type': 'application/json' } : {}) }
    const sent = body ? { body: JSON.stringify(body) } : {}
    const answer = await fetch(url, { method: 'POST', headers, ...sent })
    for (const line of answer.headers.getSetCookie()) await jar.setCookie(line, url)
    return answer
  }
}

test('a strict cookie jar keeps a session over plain http on this machine', async (t) => {
  const { base } = await startPlace(t)
  const jar = new CookieJar(undefined, { allowSecureOnLocal: false, prefixSecurity: 'strict' })
  const post = withJar(jar, base)

  const registered = await post(`${base}/register`, someone())
  const kept = (await jar.getCookies(base)).map(({ key }) => key).sort()
  const refreshed = (await (await post(`${base}/refresh`)).json()) as Opened
  await post(`${base}/logout`)
  const left = (await jar.getCookies(base)).map(({ key }) => key)

  assert.equal(registered.status, 201)
  assert.deepEqual(kept, ['latchkey-device', 'latchkey-refresh'])
  assert.equal(refreshed.refreshed, 'rotated')
  assert.deepEqual(left, ['latchkey-device'])
})

test("supertest's agent keeps a session in cookie transport", async (t) => {
  const server = await listeningServer(t)
  const agent = request.agent(server.app.server).set('origin', 'http://localhost:3000')

  const registered = await agent.post('/register').send(someone())
  const refreshed = await agent.post('/refresh')
  const out = await agent.post('/logout')
  const after = await agent.post('/refresh')

  assert.equal(registered.status, 201)
  assert.equal(refreshed.body.refreshed, 'rotated')
  assert.equal(out.status, 200)
  assert.deepEqual([after.status, after.body.code], [401, 'unauthenticated'])
})

const PYTHON = `
import http.cookiejar, json, sys, urllib.request
base, person = sys.argv[1], sys.argv[2]
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
def post(path, body=None):
    headers = {'Origin': base, **({'Content-Type': 'application/json'} if body else {})}
    request = urllib.request.Request(base + path, body and body.encode(), headers, method='POST')
    return json.load(opener.open(request))
post('/register', person)
print(post('/refresh')['refreshed'], *sorted(cookie.name for cookie in jar))
post('/logout')
print(*(cookie.name for cookie in jar))
`

/** The jar of the standard library is the one of \`requests\`. */
async function python(t: TestContext): Promise<string> {
  const { base } = await startPlace(t)
  const args = ['-c', PYTHON, base, JSON.stringify(someone())]
  return (await promisify(execFile)('python3', args)).stdout
}

test("Python's cookie jar keeps a session in cookie transport", {
  skip: skipWithout(['python3'], "Python's cookie jar"),
}, async (t) => {
  assert.equal(await python(t), 'rotated latchkey-device latchkey-refresh\nlatchkey-device\n')
})
