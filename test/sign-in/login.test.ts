import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertNotLogged,
  assertSession,
  auditEntries,
  auditTypes,
  call,
  liveSessions,
  withCookie,
} from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem, visible } from '../support/problems.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function login(server: TestServer, username: unknown, password: unknown = PASSWORD) {
  return call(server, 'POST /login', { username, password } as object)
}

test('POST /login with the username or the e-mail in any case opens a new session', async (t) => {
  const server = await startServer(t)
  const { username, email, user, sessionId } = await signedUp(server)
  const known = [sessionId]

  for (const name of [username, username.toUpperCase(), email, email.toUpperCase()]) {
    const response = await login(server, name)
    const message = `Welcome back, ${username}!`
    const opened = assertSession(server, response, { user, message })
    assert.ok(!known.includes(opened.sessionId))
    known.push(opened.sessionId)
    assert.deepEqual((await liveSessions(server, opened.access_token)).sort(), [...known].sort())
  }
})

test('POST /login records the sign-in and logs neither password nor tokens', async (t) => {
  const server = await startServer(t)
  const { username, user } = await signedUp(server)

  const opened = (await login(server, username)).json()

  assert.deepEqual((await auditEntries(server)).at(-1), {
    type: 'signed_in',
    userId: user.id,
    sessionId: opened.sessionId,
    detail: 'pwd',
  })
  assertNotLogged(server, [PASSWORD, opened.access_token, opened.refresh_token])
})

test('POST /login records where it came from, when it fails, too', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)
  const from = { remoteAddress: '192.0.2.7', headers: { 'user-agent': 'a telephone' } }

  for (const password of [PASSWORD, 'not the password']) {
    const payload = { username, password }
    await server.inject({ method: 'POST', url: '/login', payload, ...from })
  }
  await server.services.audit.written()

  const rows = await server.database.client.auditEvent.findMany({
    where: { type: { in: ['signed_in', 'sign_in_failed'] }, userAgent: 'a telephone' },
    orderBy: { id: 'asc' },
  })
  assert.deepEqual(
    rows.map(({ type, ip, at }) => [type, ip, at.getTime()]),
    [
      ['signed_in', '192.0.2.7', server.clock()],
      ['sign_in_failed', '192.0.2.7', server.clock()],
    ],
  )
})

test('POST /login with a form answers as it does with JSON', async (t) => {
  const server = await startServer(t)
  const { username, user } = await signedUp(server)

  const form = new URLSearchParams({ username, password: PASSWORD, transport: 'body' })
  const response = await call(server, 'POST /login', form.toString(), FORM)

  assertSession(server, response, { user, message: `Welcome back, ${username}!` })
})

test('POST /login with repeated or unknown form fields is refused with 400', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)
  const form = `${new URLSearchParams({ username, password: PASSWORD })}&password=x&next=%2F`

  const response = await call(server, 'POST /login', form, FORM)

  assertFaults(response, ['/password wrong_type', '/next unknown_field'])
})

test('POST /login refuses a form that is not valid UTF-8 with 400', async (t) => {
  const server = await startServer(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const bytes = Buffer.concat([Buffer.from('username=lyshark&password='), Buffer.alloc(10, 0xff)])

  const raw = await call(server, 'POST /login', bytes, form)
  const escaped = await call(server, 'POST /login', 'username=lyshark&password=%ff%ff', form)

  for (const response of [raw, escaped]) {
    assertProblem(response, 'malformed_request', { detail: 'The form is not valid UTF-8.' })
  }
})

test('POST /login gives unknown, wrong and disabled one answer, byte for byte', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const closed = await signedUp(server)
  await operator(server).disable(closed.username)

  const reference = await login(server, person.username, 'wrong password')
  const others = [
    await login(server, person.email, 'wrong password'),
    await login(server, 'nobody-at-all'),
    await login(server, 'nobody@example.com'),
    await login(server, closed.username),
    await login(server, closed.email),
    await login(server, closed.username, 'wrong password'),
  ]

  assertProblem(reference, 'invalid_credentials')
  for (const response of others) assert.deepEqual(visible(response), visible(reference))
  assertNotLogged(server, ['wrong password', 'nobody-at-all', 'nobody@example.com'])
})

test('POST /login records each failure, with the account where there is one', async (t) => {
  const server = await startServer(t)
  const { username, user } = await signedUp(server)

  await login(server, username, 'wrong password')
  await login(server, 'nobody-at-all')
  await operator(server).disable(username)
  await login(server, username)

  const failure = { type: 'sign_in_failed', sessionId: null, detail: null }
  const failures = (await auditEntries(server)).filter(({ type }) => type === 'sign_in_failed')
  assert.deepEqual(failures, [
    { ...failure, userId: user.id },
    { ...failure, userId: null },
    { ...failure, userId: user.id },
  ])
})

for (const [what, change] of [
  ['a space inside', (name: string) => `${name.slice(0, 2)} ${name.slice(2)}`],
  ['a zero-width space', (name: string) => `${name}\u200b`],
  ['an accent', (name: string) => name.replace('e', 'é')],
  ['a combining accent', (name: string) => name.replace('e', 'e\u0301')],
  ['a full-width letter', (name: string) => name.replace('u', '\uff55')],
  ['a long s', (name: string) => name.replace('s', '\u017f')],
  ['a LIKE wildcard', (name: string) => `${name.slice(0, -1)}_`],
  ['a SQL comment', (name: string) => `${name}'--`],
  ['a condition that holds', () => `' OR '1'='1`],
  ['a UNION', () => `x' UNION SELECT * FROM User WHERE '1'='1`],
  ['a backslash and a quote', (name: string) => `${name}\\'`],
  ['a line of SQL', (name: string) => `${name}"; DROP TABLE Session; --`],
] as const) {
  test(`POST /login with ${what} in the username finds no account`, async (t) => {
    const server = await startServer(t)
    const { username, access_token, sessionId } = await signedUp(server)

    const response = await login(server, change(username))

    assertProblem(response, 'invalid_credentials')
    assert.deepEqual(await liveSessions(server, access_token), [sessionId])
  })
}

for (const [what, change] of [
  ['another case', (password: string) => password.toUpperCase()],
  ['a trailing space', (password: string) => `${password} `],
  ['a leading space', (password: string) => ` ${password}`],
  ['its last character missing', (password: string) => password.slice(0, -1)],
  ['a NUL and more behind it', (password: string) => `${password}\u0000x`],
  ['SQL', () => `' OR '1'='1`],
] as const) {
  test(`POST /login refuses the password with ${what}`, async (t) => {
    const server = await startServer(t)
    const { username } = await signedUp(server)

    assertProblem(await login(server, username, change(PASSWORD)), 'invalid_credentials')
  })
}

for (const value of [{ contains: 'a' }, { not: '' }, ['x'], null, 7, true]) {
  test(`POST /login refuses ${JSON.stringify(value)} instead of its strings`, async (t) => {
    const server = await startServer(t)
    await signedUp(server)

    const body = { username: value, password: value, transport: value }
    const response = await call(server, 'POST /login', body)

    const wrong = ['username', 'password', 'transport'].map((name) => `/${name} wrong_type`)
    assertFaults(response, [...wrong, '/transport not_allowed'])
    assert.deepEqual(await auditTypes(server), ['registered', 'signed_in'])
  })
}

test('POST /login reports missing, unknown and oversized fields all at once', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)

  assertFaults(await call(server, 'POST /login', {}), ['/username required', '/password required'])
  assertFaults(await call(server, 'POST /login'), ['/username required', '/password required'])
  assertFaults(await login(server, ''), ['/username too_short'])
  const body = { username: 'x'.repeat(255), password: 'x'.repeat(513), userId: '1', sub: '2' }
  assertFaults(await call(server, 'POST /login', body), [
    '/username too_long',
    '/password too_long',
    '/userId unknown_field',
    '/sub unknown_field',
  ])
  assertFaults(await login(server, `${username}\u0000`), ['/username invalid_format'])
  assertFaults(await login(server, username, '\ud800'), ['/password invalid_format'])
})

for (const stale of ['not.a.token', 'broken', '', 'a b']) {
  test(`POST /login passes over the stale credential "${stale}"`, async (t) => {
    const server = await startServer(t)
    const { username, user } = await signedUp(server)

    const body = { username, password: PASSWORD }
    const response = await call(server, 'POST /login', body, bearer(stale))

    assertSession(server, response, { user, message: `Welcome back, ${username}!` })
  })
}

test('POST /login never adopts a session that a cookie or a token brings along', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)
  const attacker = await signedUp(server, { transport: 'cookie' })

  const body = { username, password: PASSWORD, transport: 'cookie' }
  const headers = { ...withCookie(attacker.cookie), ...bearer(attacker.access_token) }
  const response = await call(server, 'POST /login', body, headers)

  const opened = response.json<{ sessionId: string; user: { username: string } }>()
  assert.notEqual(opened.sessionId, attacker.sessionId)
  assert.equal(opened.user.username, username)
})

// Nothing is asked of the origin here: another site could sign out whose browser adds the cookie.
for (const transport of ['body', undefined] as const) {
  test(`POST /login with transport ${transport} ends no session of a cookie that comes along`, async (t) => {
    const server = await startServer(t)
    const holder = await signedUp(server, { transport: 'cookie' })
    const { username } = await signedUp(server)

    const body = { username, password: PASSWORD, ...(transport ? { transport } : {}) }
    const response = await call(server, 'POST /login', body, withCookie(holder.cookie, {}))

    assert.equal(response.statusCode, 200)
    assert.deepEqual(await liveSessions(server, holder.access_token), [holder.sessionId])
    assert.ok(!(await auditTypes(server)).includes('signed_out'))
  })
}

test('POST /login opens a hundred sessions; the next one ends the oldest', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const row = await server.database.client.session.findFirstOrThrow()
  server.clock.advance(1)
  const createdAt = new Date(server.clock())
  await server.database.client.session.createMany({
    data: Array.from({ length: 98 }, (_, n) => ({ ...row, id: `copy-${n}`, createdAt })),
  })
  server.clock.advance(1)

  const hundredth = await signedIn(server, person)
  const before = await liveSessions(server, hundredth.access_token)
  server.clock.advance(1)
  const next = await signedIn(server, person)
  const after = await liveSessions(server, next.access_token)

  assert.equal(before.length, 100)
  assert.deepEqual(
    after.sort(),
    [...before.filter((id) => id !== person.sessionId), next.sessionId].sort(),
  )
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  const verify = await call(server, 'GET /verify', undefined, bearer(person.access_token))
  assertProblem(verify, 'session_ended')
})

test('no account exists on a fresh database, so no default password opens one', async (t) => {
  const server = await startServer(t)

  for (const name of ['admin', 'root', 'latchkey', 'test']) {
    assertProblem(await login(server, name, name), 'invalid_credentials')
  }

  assert.equal(await server.database.client.user.count(), 0)
})

test('POST /login accepts the e-mail address as email instead of username, in JSON and in a form', async (t) => {
  const server = await startServer(t)
  const { username, email, user } = await signedUp(server)
  const form = new URLSearchParams({ email, password: PASSWORD }).toString()

  const message = `Welcome back, ${username}!`
  for (const [body, headers] of [
    [{ email, password: PASSWORD }],
    [{ email: email.toUpperCase(), password: PASSWORD }],
    [form, FORM],
  ] as const) {
    assertSession(server, await call(server, 'POST /login', body, headers), { user, message })
  }
})

test('POST /login with a wrong email answers as with a wrong username, byte for byte', async (t) => {
  const server = await startServer(t)
  const { username, email } = await signedUp(server)
  const reference = await login(server, username, 'wrong password')

  for (const body of [
    { email, password: 'wrong password' },
    { email: 'nobody@example.com', password: PASSWORD },
    { email: `${username}@`, password: PASSWORD },
  ]) {
    const response = await call(server, 'POST /login', body)
    assert.deepEqual(visible(response), visible(reference))
  }
})

test('POST /login takes exactly one of username and email', async (t) => {
  const server = await startServer(t)
  const { username, email } = await signedUp(server)
  const send = (body: object) => call(server, 'POST /login', { password: PASSWORD, ...body })

  assertFaults(await send({ username, email }), ['/email not_allowed'])
  assertFaults(await send({}), ['/username required'])
  assertFaults(await send({ email: username }), ['/email invalid_format'])
  assertFaults(await send({ email: '' }), ['/email invalid_format', '/email too_short'])
  assertFaults(await send({ email: ['x'] }), ['/email wrong_type'])
  assertFaults(await send({ email: `${'x'.repeat(254)}@` }), ['/email too_long'])
})
