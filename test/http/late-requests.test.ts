import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { isMysql, queryMysql } from '../support/databases.ts'
import { bearer, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'

const NEW_PASSWORD = 'a quite different sentence'

/** Sends the headers of a request, does something else meanwhile, then sends the body. */
async function withLateBody(server: TestServer, late: Late): Promise<void> {
  const { send, line, person, body, meanwhile } = late
  const text = JSON.stringify(body)
  send(
    [
      `${line} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${person.access_token}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      'Connection: close',
      '\r\n',
    ].join('\r\n'),
  )
  await nextRequest(server)
  assert.equal((await meanwhile(server, person)).statusCode, 200)
  send(text)
}

type Deed = (server: TestServer, person: Person) => Promise<{ statusCode: number }>
type Late = {
  send: (text: string) => void
  line: string
  person: Person
  body: object
  meanwhile: Deed
}

const signOut: Deed = (server, { access_token }) =>
  call(server, 'POST /logout', undefined, bearer(access_token))
const renew: Deed = (server, { access_token }) => {
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  return call(server, 'PUT /password', body, bearer(access_token))
}

/** Waits until the server has read the headers of a request. */
function nextRequest({ app }: TestServer): Promise<void> {
  return new Promise((resolve) => app.server.once('request', () => setImmediate(resolve)))
}

for (const [line, body, what, meanwhile, code] of [
  ['PATCH /me', { name: 'Somebody else' }, 'ends', signOut, 'session_ended'],
  ['DELETE /me', { currentPassword: PASSWORD }, 'ends', signOut, 'session_ended'],
  ['DELETE /sessions', {}, 'ends', signOut, 'session_ended'],
  ['PATCH /me', { name: 'Somebody else' }, 'is renewed', renew, 'token_expired'],
] as const) {
  test(`${line} is refused when the session ${what} while its body is on the way`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const connection = await rawConnection(t, server.app)

    await withLateBody(server, { send: connection.say, line, person, body, meanwhile })
    const [answer] = await connection.answers()

    assert.equal(answer?.statusCode, 401)
    assert.equal(JSON.parse(answer?.body ?? '{}').code, code)
    const row = await server.database.client.user.findUnique({ where: { id: person.user.id } })
    assert.equal(row?.name, null)
  })
}

test('A password that was confirmed before a change of password counts for nothing after it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { accounts, credentials, deletion } = server.services
  const device = { ip: null, userAgent: null }
  const { sessionId, user } = person
  const confirmation = { userId: user.id, sessionId, password: PASSWORD, device }
  const confirmed = await credentials.confirm(confirmation)
  const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  const changed = await call(server, 'PUT /password', change, bearer(person.access_token))
  assert.equal(changed.statusCode, 200)

  const changes = { email: 'thief@example.com' }
  const update = { user: confirmed, changes, isConfirmed: true, device }
  await assert.rejects(accounts.update(update), { message: /password is wrong/ })
  await assert.rejects(deletion.remove(confirmed, device), { message: /password is wrong/ })

  const me = await call(server, 'GET /me', undefined, bearer(changed.json().access_token))
  assert.equal(me.json().email, person.email)
})

test('Registration that cannot open a session leaves no account', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const run = (sql: string) =>
    isMysql ? queryMysql(url, sql) : server.database.client.$executeRawUnsafe(sql)
  const account = { username: 'halfway', email: 'halfway@example.com', password: PASSWORD }
  await run(
    isMysql
      ? "CREATE TRIGGER broken BEFORE INSERT ON Session FOR EACH ROW SIGNAL SQLSTATE '45000'"
      : "CREATE TRIGGER broken BEFORE INSERT ON Session BEGIN SELECT RAISE(ABORT, 'broken'); END",
  )

  const failed = await call(server, 'POST /register', account)
  await run('DROP TRIGGER broken')
  const again = await call(server, 'POST /register', account)

  assert.deepEqual([failed.statusCode, failed.json().action], [500, 'retry'])
  assert.equal(again.statusCode, 201, again.body)
})

test('What a trusted proxy passes on as an address is kept only when it is one', async (t) => {
  const server = await startServer(t, { env: { TRUST_PROXY: '127.0.0.1' } })
  const account = { username: 'proxied', email: 'proxied@example.com', password: PASSWORD }

  const nonsense = { 'x-forwarded-for': 'x'.repeat(60) }
  const registered = await call(server, 'POST /register', account, nonsense)
  const wrong = { username: 'proxied', password: 'a wrong guess' }
  const refused = await call(server, 'POST /login', wrong, nonsense)
  const real = { 'x-forwarded-for': '203.0.113.7' }
  await call(server, 'POST /login', { username: 'proxied', password: PASSWORD }, real)

  assert.equal(registered.statusCode, 201)
  assertProblem(refused, 'invalid_credentials')
  const { access_token: token } = registered.json()
  const sessions = await call(server, 'GET /sessions', undefined, bearer(token))
  const addresses = sessions.json().items.map((session: { ip: string | null }) => session.ip)
  assert.deepEqual(addresses.sort(), ['203.0.113.7', null].sort())
})
