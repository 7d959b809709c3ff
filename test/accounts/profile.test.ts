import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNotLogged, auditEntries, auditTypes, call, withCookie } from '../support/answers.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem, assertWrongPassword } from '../support/problems.ts'
import { assertNow, patch } from '../support/profile.ts'

test('GET /me answers with the whole account and no-store', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const response = await call(server, 'GET /me', undefined, bearer(person.access_token))

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.deepEqual(response.json(), {
    id: person.user.id,
    username: person.username,
    email: person.email,
    name: null,
    locale: null,
    role: 'user',
    emailVerified: false,
    pendingEmail: null,
    secondFactor: false,
    createdAt: new Date(server.clock()).toISOString(),
  })
})

for (const line of ['GET /me', 'PATCH /me', 'DELETE /me', 'GET /dashboard']) {
  test(`${line} without a credential answers a bare 401 before it reads the body`, async (t) => {
    const server = await startServer(t)
    const { cookie } = await signedUp(server, { transport: 'cookie' })

    const body = line.startsWith('GET') ? undefined : { unknown: 1 }
    const response = await call(server, line, body, withCookie(cookie))

    assertProblem(response, 'unauthenticated')
  })
}

test("GET /dashboard counts the user's live sessions and houses", async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await signedIn(server, person)
  const ended = await signedIn(server, person)
  await call(server, 'POST /logout', undefined, bearer(ended.access_token))
  const house = { projectNo: '1', projectName: 'n' }
  await call(server, 'POST /houses', house, bearer(person.access_token))
  const { access_token: other } = await signedUp(server)
  await call(server, 'POST /houses', { ...house, projectNo: '2' }, bearer(other))

  const response = await call(server, 'GET /dashboard', undefined, bearer(person.access_token))

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['cache-control'], 'no-store')
  const expected = {
    logged_in_as: person.username,
    message: `Welcome to your dashboard, ${person.username}!`,
    user: person.user,
    activeSessions: 2,
    notes: 0,
    houses: 1,
  }
  const advice = 'A number that your feature gives to the dashboard is a line of `expected`'
  assert.deepEqual(response.json(), expected, advice)
})

test('PATCH /me changes the name alone, without the password', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const name of ['Ġużè 🦊', null, 'x']) {
    const response = await patch(server, person, { name })
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.json(), { ...person.user, name })
    await assertNow(server, person, { ...person.user, name })
  }

  const last = (await auditEntries(server)).at(-1)
  const userId = person.user.id
  assert.deepEqual(last, { type: 'profile_changed', userId, sessionId: null, detail: 'name' })
})

test('PATCH /me with the password changes username and e-mail, which sign in from then on', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const wish = { username: uniqueName('Fresh'), email: `${uniqueName('Fresh')}@Example.org` }

  const response = await patch(server, person, { ...wish, currentPassword: PASSWORD })

  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), { ...person.user, ...wish, emailVerified: false })
  const by = (username: string) => call(server, 'POST /login', { username, password: PASSWORD })
  assert.equal((await by(wish.username.toLowerCase())).statusCode, 200)
  assert.equal((await by(wish.email.toUpperCase())).statusCode, 200)
  assertProblem(await by(person.username), 'invalid_credentials')
  assertProblem(await by(person.email), 'invalid_credentials')
  assertNotLogged(server, [PASSWORD])
})

test('PATCH /me without a change answers with the account and records nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const body of [{}, { currentPassword: PASSWORD }]) {
    const response = await patch(server, person, body)
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.json(), person.user)
  }

  assert.deepEqual(await auditTypes(server), ['registered', 'signed_in'])
})

test("PATCH /me with another case of the user's names keeps them verified and unique", async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await server.database.client.user.updateMany({ data: { emailVerified: true } })
  const wish = { username: person.username.toUpperCase(), email: person.email.toUpperCase() }

  const response = await patch(server, person, { ...wish, currentPassword: PASSWORD })

  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), { ...person.user, ...wish, emailVerified: true })
})

test("PATCH /me with the user's present names needs no password and records only real changes", async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await server.database.client.user.updateMany({ data: { emailVerified: true } })
  const { username, email, user } = person

  const same = await patch(server, person, { username, email, name: null })
  const named = await patch(server, person, { username: ` ${username}\n`, email, name: 'Ly' })

  assert.deepEqual([same.statusCode, named.statusCode], [200, 200])
  assert.deepEqual(same.json(), { ...user, emailVerified: true })
  assert.deepEqual(named.json(), { ...user, emailVerified: true, name: 'Ly' })
  const changes = (await auditEntries(server)).filter(({ type }) => type === 'profile_changed')
  assert.deepEqual(
    changes.map(({ detail }) => detail),
    ['name'],
  )
})

test("PATCH /me with another spelling of the user's names needs no password and shows the new spelling", async (t) => {
  const server = await startServer(t)
  const local = uniqueName('mail')
  const person = await signedUp(server, { email: `${local}@münchen.example` })
  await server.database.client.user.updateMany({ data: { emailVerified: true } })

  for (const wish of [
    { username: person.username.toUpperCase() },
    { email: `${local.toUpperCase()}@xn--mnchen-3ya.EXAMPLE` },
  ]) {
    const response = await patch(server, person, wish)
    assert.equal(response.statusCode, 200, response.body)
    const { username, email, emailVerified } = response.json()
    assert.deepEqual({ username, email, ...wish }, { username, email })
    assert.equal(emailVerified, true)
  }
})

test('PATCH /me without the password cannot bring back a name that was changed meanwhile', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { accounts, users } = server.services
  const user = await users.requireOpen(person.user.id)
  const confirmed = { email: 'new@example.com', currentPassword: PASSWORD }
  assert.equal((await patch(server, person, confirmed)).statusCode, 200)

  const changes = { email: person.email.toUpperCase() }
  const device = { ip: null, userAgent: null }
  const late = accounts.update({ user, changes, isConfirmed: false, device })

  await assert.rejects(late, { message: /see errors/ })
  await assertNow(server, person, { ...person.user, email: 'new@example.com' })
})

test('PATCH /me checks a password wherever one is sent', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const wish of [{}, { name: 'x' }, { username: person.username }]) {
    assertWrongPassword(await patch(server, person, { ...wish, currentPassword: 'wrong password' }))
  }

  await assertNow(server, person, person.user)
})

test('PATCH /me without the password refuses a new e-mail or username with 400', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const change of [
    { email: 'new@example.com' },
    { username: 'brand-new' },
    { username: person.username, email: 'new@example.com' },
  ]) {
    const response = await patch(server, person, { name: 'x', ...change })
    assertFaults(response, ['/currentPassword required'])
  }

  await assertNow(server, person, person.user)
})

test('PATCH /me with a wrong password changes nothing and is recorded', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const wish = { name: 'x', email: 'new@example.com', currentPassword: 'wrong password' }
  const response = await patch(server, person, wish)

  assertWrongPassword(response)
  await assertNow(server, person, person.user)
  assert.deepEqual(await auditTypes(server), ['registered', 'sign_in_failed', 'signed_in'])
  assertNotLogged(server, ['wrong password', person.access_token])
})

for (const [field, code] of [
  ['username', 'username_taken'],
  ['email', 'email_taken'],
] as const) {
  test(`PATCH /me with the ${field} of somebody else in other case answers ${code}`, async (t) => {
    const server = await startServer(t)
    const [person, other] = [await signedUp(server), await signedUp(server)]

    const wish = { name: 'x', [field]: other[field].toUpperCase(), currentPassword: PASSWORD }
    const response = await patch(server, person, wish)

    assertProblem(response, code)
    await assertNow(server, person, person.user)
  })
}

test('PATCH /me refuses every field that is not for its owner to set', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const fields = ['sub', 'userId', 'passwordHash', 'updatedAt']
  const more = [...fields, 'password', 'disabledAt', 'credentialVersion', 'houses', 'sessions']

  const response = await patch(server, person, Object.fromEntries(more.map((field) => [field, 1])))

  assertFaults(
    response,
    more.map((field) => `/${field} unknown_field`),
  )
  await assertNow(server, person, person.user)
})

test('PATCH /me refuses operators of the database and wrong types in every field', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const fields = ['name', 'email', 'username', 'currentPassword']

  for (const value of [{ set: 'x' }, ['x'], 7, false]) {
    const body = Object.fromEntries(fields.map((field) => [field, value]))
    const wrong = fields.map((field) => `/${field} wrong_type`)
    assertFaults(await patch(server, person, body), wrong)
  }

  await assertNow(server, person, person.user)
})

test('PATCH and DELETE /me answer 415 to a form', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const headers = { ...bearer(person.access_token), ...type }

  const patched = await call(server, 'PATCH /me', 'name=x', headers)
  const deleted = await call(server, 'DELETE /me', `currentPassword=${PASSWORD}`, headers)

  assertProblem(patched, 'unsupported_media_type')
  assertProblem(deleted, 'unsupported_media_type')
  await assertNow(server, person, person.user)
})

test('PATCH and DELETE /me of an account that is disabled after its password was checked change nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { credentials } = server.services
  const administration = operator(server)
  const { confirm } = credentials
  t.mock.method(credentials, 'confirm', async (...of: Parameters<typeof confirm>) => {
    const user = await confirm(...of)
    await administration.disable(person.username)
    return user
  })

  const wishes = [
    ['PATCH /me', { username: uniqueName(), currentPassword: PASSWORD }],
    ['DELETE /me', { currentPassword: PASSWORD }],
  ] as const
  for (const [route, body] of wishes) {
    await administration.enable(person.username)
    const { access_token } = (await signedIn(server, person)) as { access_token: string }
    assertProblem(await call(server, route, body, bearer(access_token)), 'session_ended')
  }

  const users = await server.database.client.user.findMany()
  assert.deepEqual(
    users.map(({ username }) => username),
    [person.username],
  )
})
