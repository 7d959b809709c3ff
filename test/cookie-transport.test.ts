import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, BROWSER, call, refreshCookie, withCookie } from './answers.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import { bearer, cookieOf, type Opened, PASSWORD, signedUp } from './people.ts'

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

test('a dead access token beside the cookie does not block a refresh', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  server.clock.advance(901)

  const headers = { ...withCookie(person.cookie), ...bearer(person.access_token) }
  const response = await call(server, 'POST /refresh', undefined, headers)

  assert.equal(response.json<Opened>().refreshed, 'rotated')
})
