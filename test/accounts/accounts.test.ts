import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertNotLogged,
  assertSession,
  auditEntries,
  BROWSER,
  call,
  liveSessions,
  withCookie,
} from '../support/answers.ts'
import { bearer, PASSWORD, REFRESH_COOKIE, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function newcomer(more: object = {}) {
  return {
    username: uniqueName('New'),
    email: `${uniqueName('New')}@Example.com`,
    password: PASSWORD,
    ...more,
  }
}

const byType = (entries: { type: string }[]) =>
  entries.sort((one, other) => one.type.localeCompare(other.type))

const countUsers = (server: TestServer) => server.database.client.user.count()

test('POST /register answers 201 with a session, a Location and the account as typed', async (t) => {
  const server = await startServer(t)
  const { username, email, ...rest } = newcomer({ passwordConfirm: PASSWORD, name: 'Zoë 🦊 Ōno' })

  const response = await call(server, 'POST /register', { username, email, ...rest })

  const user = { username, email, name: 'Zoë 🦊 Ōno' }
  const opened = assertSession(server, response, {
    status: 201,
    user,
    message: `Welcome, ${username}!`,
  })
  assert.equal(response.headers.location, '/me')
  assert.deepEqual(await liveSessions(server, opened.access_token), [opened.sessionId])
  const userId = opened.user.id
  const entries = await auditEntries(server)
  assert.deepEqual(byType(entries), [
    { type: 'registered', userId, sessionId: null, detail: null },
    { type: 'signed_in', userId, sessionId: opened.sessionId, detail: 'pwd' },
  ])
  assertNotLogged(server, [PASSWORD, opened.access_token, opened.refresh_token])
})

test('POST /register stores a hash of the password, and the names without case', async (t) => {
  const server = await startServer(t)
  const { username, email, password } = newcomer()

  await call(server, 'POST /register', { username, email, password })

  const [row] = await server.database.client.user.findMany()
  assert.match(
    String(row?.passwordHash),
    /^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/,
  )
  assert.deepEqual(
    [row?.usernameKey, row?.emailKey, row?.role],
    [username.toLowerCase(), email.toLowerCase(), 'user'],
  )
})

test('POST /register with a form answers as it does with JSON', async (t) => {
  const server = await startServer(t)
  const { username, email } = newcomer()
  const form = new URLSearchParams({ username, email, password: 'käse & brot = gut 100%' })

  const response = await call(server, 'POST /register', form.toString(), FORM)

  const message = `Welcome, ${username}!`
  assertSession(server, response, { status: 201, user: { username, email }, message })
  const login = { username, password: 'käse & brot = gut 100%' }
  assert.equal((await call(server, 'POST /login', login)).statusCode, 200)
})

test('POST /register with a repeated form field is refused with 400', async (t) => {
  const server = await startServer(t)
  const { username, email, password } = newcomer()
  const form = `${new URLSearchParams({ username, email, password })}&username=other&role=admin`

  const response = await call(server, 'POST /register', form, FORM)

  assertFaults(response, ['/username wrong_type', '/role unknown_field'])
  assert.equal(await countUsers(server), 0)
})

test('POST /register with a name in other case answers username_taken', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)

  const body = newcomer({ username: username.toUpperCase() })
  const response = await call(server, 'POST /register', body)

  assertProblem(response, 'username_taken')
  assert.equal(await countUsers(server), 1)
  assert.equal((await auditEntries(server)).length, 2)
})

test('POST /register with an address in other case answers email_taken', async (t) => {
  const server = await startServer(t)
  const { email } = await signedUp(server)

  const response = await call(server, 'POST /register', newcomer({ email: email.toUpperCase() }))

  assertProblem(response, 'email_taken')
  assert.equal(await countUsers(server), 1)
})

test('POST /register with both names taken names the username first', async (t) => {
  const server = await startServer(t)
  const { username, email } = await signedUp(server)

  const response = await call(server, 'POST /register', newcomer({ username, email }))

  assertProblem(response, 'username_taken')
})

test('POST /register reports all issues of all fields at once', async (t) => {
  const server = await startServer(t)
  const body = {
    username: '-x',
    email: 'not-an-address',
    password: 'pw-zq7',
    passwordConfirm: 'other',
    name: 'bad\u0000name',
    transport: 'pigeon',
    role: 'admin',
  }

  const response = await call(server, 'POST /register', body)

  assertFaults(response, [
    '/username too_short',
    '/username invalid_format',
    '/email invalid_format',
    '/password too_short',
    '/passwordConfirm mismatch',
    '/name invalid_format',
    '/transport not_allowed',
    '/role unknown_field',
  ])
  for (const sent of ['not-an-address', 'pw-zq7', 'pigeon', 'admin']) {
    assert.ok(!response.body.includes(sent), `${sent} is echoed`)
  }
})

test('POST /register without any field names the required ones', async (t) => {
  const server = await startServer(t)

  const response = await call(server, 'POST /register', {})

  assertFaults(response, ['/username required', '/email required', '/password required'])
})

for (const [what, value] of [
  ['a number', 5],
  ['a boolean', true],
  ['null', null],
  ['a list', ['x']],
  ['an operator of the database', { contains: 'a' }],
] as const) {
  test(`POST /register refuses ${what} instead of each string with 400`, async (t) => {
    const server = await startServer(t)
    const fields = ['username', 'email', 'password', 'passwordConfirm', 'transport', 'name']
    const body = Object.fromEntries(fields.map((field) => [field, value]))

    const response = await call(server, 'POST /register', body)

    const notAWord = '/transport not_allowed'
    assertFaults(response, [...fields.map((field) => `/${field} wrong_type`), notAWord])
    assert.equal(await countUsers(server), 0)
  })
}

for (const [field, value, code] of [
  ['username', 'ab', 'too_short'],
  ['username', 'a'.repeat(33), 'too_long'],
  ['username', '.dot', 'invalid_format'],
  ['username', 'in side', 'invalid_format'],
  ['username', 'new\nline', 'invalid_format'],
  ['username', 'at@sign.example', 'invalid_format'],
  ['username', '\u212aelvin', 'invalid_format'],
  ['username', 'zero\u200bwidth', 'invalid_format'],
  ['email', `${'a'.repeat(65)}@example.com`, 'invalid_format'],
  ['email', `${'a'.repeat(60)}@${'b.'.repeat(97)}com`, 'too_long'],
  ['email', 'a b@example.com', 'invalid_format'],
  ['email', 'a@exam ple.com', 'invalid_format'],
  ['email', 'a@b@example.com', 'invalid_format'],
  ['email', 'a@example.com\r\nBcc: b@example.com', 'invalid_format'],
  ['email', 'ä@example.com', 'invalid_format'],
  ['name', 'x'.repeat(101), 'too_long'],
  ['name', '\ud800', 'invalid_format'],
  ['name', 'two\nlines', 'invalid_format'],
  ['transport', 'Cookie', 'not_allowed'],
] as const) {
  const shown = JSON.stringify(value).slice(0, 32)
  test(`POST /register refuses the ${field} ${shown} as ${code}`, async (t) => {
    const server = await startServer(t)

    const response = await call(server, 'POST /register', newcomer({ [field]: value }))

    assertFaults(response, [`/${field} ${code}`])
    assert.equal(await countUsers(server), 0)
  })
}

test('POST /register takes each field at its bounds, and SQL and mark-up as plain text', async (t) => {
  const server = await startServer(t)
  const username = `0${'x'.repeat(31)}`
  const email = `o'hara+${'a'.repeat(50)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`
  const name = `${'🦊'.repeat(60)}'; DROP TABLE User;--"\\%_</b>\${7}{{7}}`

  const response = await call(server, 'POST /register', newcomer({ username, email, name }))

  const user = { username, email, name }
  const message = `Welcome, ${username}!`
  const { access_token } = assertSession(server, response, { status: 201, user, message })
  const me = await call(server, 'GET /me', undefined, bearer(access_token))
  assert.equal(me.json<{ name: string }>().name, name)
})

test('POST /register with a stale token and a foreign cookie goes its way', async (t) => {
  const server = await startServer(t)
  const { username, email, password } = newcomer()
  const headers = { ...bearer('stale.stale.stale'), cookie: `${REFRESH_COOKIE}=planted` }

  const response = await call(server, 'POST /register', { username, email, password }, headers)

  const message = `Welcome, ${username}!`
  assertSession(server, response, { status: 201, user: { username, email }, message })
})

test('POST /register ends the session of a cookie that it replaces, and of no other', async (t) => {
  const server = await startServer(t)
  const [kept, replaced] = [
    await signedUp(server, { transport: 'cookie' }),
    await signedUp(server, { transport: 'cookie' }),
  ]

  const inBody = await call(server, 'POST /register', newcomer(), withCookie(kept.cookie, {}))
  const wish = { ...newcomer(), transport: 'cookie' }
  const inCookie = await call(server, 'POST /register', wish, withCookie(replaced.cookie))

  assert.deepEqual([inBody.statusCode, inCookie.statusCode], [201, 201])
  assert.deepEqual(await liveSessions(server, kept.access_token), [kept.sessionId])
  const headers = bearer(replaced.access_token)
  assertProblem(await call(server, 'GET /me', undefined, headers), 'session_ended')
})

test('POST /register answers 415 to a body that is neither JSON nor a form', async (t) => {
  const server = await startServer(t)
  const body = JSON.stringify(newcomer())

  for (const type of ['text/plain', 'multipart/mixed; boundary=x', 'application/jsonp']) {
    const headers = { ...BROWSER, 'content-type': type }
    assertProblem(await call(server, 'POST /register', body, headers), 'unsupported_media_type')
  }

  assert.equal(await countUsers(server), 0)
})
