// Changes of an account by an administrator: each by its own rule, all at once, by version.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AdminUserView } from '../../src/contract/admin-user.ts'
import { eventsOf, newAccount, type SignedIn } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { askFor, linkTo, press, verifiedPerson } from '../support/email.ts'
import { bearer, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { codeIn, linkIn, mailsTo, NEW_PASSWORD, subjectsTo } from '../support/resets.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }

async function patched(server: TestServer, admin: SignedIn, id: string, body: object) {
  const answer = await ask(server, `PATCH /admin/users/${id}`, admin, { body })
  assert.equal(answer.statusCode, 200, answer.body)
  const user = answer.json<AdminUserView>()
  assert.equal(answer.headers.etag, `"${user.version}"`)
  return user
}

test('PATCH /admin/users/:id changes what is sent and nothing else, in one version', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const before = await newAccount(server)
  const changes = { name: 'Ada', email: 'new@example.com', emailVerified: true, role: 'admin' }

  const after = await patched(server, admin, before.id, changes)

  assert.deepEqual(after, { ...before, ...changes, version: 2 })
  const events = await eventsOf(server, before.id)
  assert.deepEqual(
    events.slice(1).sort((one, two) => one.type.localeCompare(two.type)),
    [
      { type: 'email_changed', detail: 'by an administrator' },
      { type: 'email_verified', detail: 'by an administrator' },
      { type: 'profile_changed', detail: 'name' },
      { type: 'role_changed', detail: 'admin' },
    ],
  )
})

test('a change that changes nothing is answered alike: no version, no event, no mail', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const before = await newAccount(server, { name: 'Ada' })
  const { name, email, emailVerified, role } = before

  for (const body of [{}, { name, email, emailVerified, role, disabled: false }, before]) {
    assert.deepEqual(await patched(server, admin, before.id, body), before)
  }

  assert.equal((await eventsOf(server, before.id)).length, 1)
  const where = { address: email }
  assert.equal(await server.database.client.mail.count({ where }), 0)
})

test('a new role holds once tokens are refreshed, and the session continues', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)

  await patched(server, admin, person.user.id, { role: 'admin' })

  assertProblem(await ask(server, 'GET /admin/users', person), 'token_expired')
  const fresh = (await refresh(server, person.refresh_token)).json()
  assert.equal((await ask(server, 'GET /admin/users', fresh)).statusCode, 200)
  await patched(server, admin, person.user.id, { role: 'user' })
  assertProblem(await ask(server, 'GET /admin/users', fresh), 'token_expired')
  const again = (await refresh(server, fresh.refresh_token)).json()
  assertProblem(await ask(server, 'GET /admin/users', again), 'forbidden')
})

test('nobody changes a role of their own, nor deletes their account there', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  await newAccount(server, { role: 'admin' })
  const url = `/admin/users/${admin.user.id}`

  const demoted = await ask(server, `PATCH ${url}`, admin, { body: { role: 'user', name: 'x' } })
  const deleted = await ask(server, `DELETE ${url}`, admin)

  const role = 'Nobody changes a role of their own; ask another administrator.'
  assertProblem(demoted, 'forbidden', { detail: role })
  assertProblem(deleted, 'forbidden', { detail: 'Delete your own account at DELETE /me.' })
  const { name, version } = await patched(server, admin, admin.user.id, { role: 'admin' })
  assert.deepEqual([name, version], [null, 2])
})

test('a disabled account is signed out everywhere and told, and signs in once enabled', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  const { id } = person.user
  const login = { username: person.username, password: PASSWORD }

  const { disabledAt } = await patched(server, admin, id, { disabled: true })
  const verify = await call(server, 'GET /verify', undefined, bearer(person.access_token))
  const refused = await call(server, 'POST /login', login)
  const subjects = await subjectsTo(server, person.email, 1)
  const enabled = await patched(server, admin, id, { disabled: false })

  assert.equal(disabledAt, new Date(server.clock()).toISOString())
  assertProblem(verify, 'session_ended')
  assertProblem(refused, 'invalid_credentials')
  assert.deepEqual(subjects, ['Your account at localhost:3000 is disabled'])
  assert.deepEqual([enabled.disabledAt, enabled.version], [null, 3])
  assert.equal((await call(server, 'POST /login', login)).statusCode, 200)
  const types = (await eventsOf(server, id)).map(({ type }) => type)
  const ofAdmin = types.filter((type) => type.startsWith('account_'))
  assert.deepEqual(ofAdmin, ['account_disabled', 'account_enabled'])
})

test('another address holds at once and is not verified; a verified old one is told', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  await operator(server).verifyEmail(person.username)
  await subjectsTo(server, person.email, 1)
  const pending = { email: 'pending@example.com', currentPassword: PASSWORD }
  assert.equal((await ask(server, 'PATCH /me', person, { body: pending })).statusCode, 200)

  const after = await patched(server, admin, person.user.id, { email: 'new@example.com' })

  const { email, emailVerified, pendingEmail } = after
  assert.deepEqual([email, emailVerified, pendingEmail], ['new@example.com', false, null])
  const subject = 'Your e-mail address for localhost:3000 has changed'
  const mails = await mailsTo(server, person.email, 3)
  const notice = mails.find((mail) => mail.subject === subject)
  assert.ok(notice, mails.map((mail) => mail.subject).join())
  assert.doesNotMatch(notice.text, /https?:|\d{4} \d{4}/)
})

test('no mail that a thief has brings an address back that an administrator took from it', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const admin = await newAdmin(server)
  const owner = await verifiedPerson(server)
  await askFor(server, owner, 'thief@example.net')
  server.clock.advance(1)
  await press(server, await linkTo(server, 'thief@example.net'))
  await askFor(server, owner, 'another-thief@example.net')
  const links = [await linkTo(server, 'thief@example.net', 'undo_email')]
  server.clock.advance(1)
  await press(server, await linkTo(server, 'another-thief@example.net'))
  links.push(await linkTo(server, 'thief@example.net', 'undo_email'))
  server.clock.advance(1)
  const back = { email: owner.email, emailVerified: true }
  await patched(server, admin, owner.user.id, back)
  server.clock.advance(1)

  for (const link of links) {
    assertProblem(await press(server, link, { newPassword: NEW_PASSWORD }), 'challenge_over')
  }

  const account = await ask(server, `GET /admin/users/${owner.user.id}`, admin)
  assert.equal(account.json().email, owner.email)
})

test('a new address that is not verified gets a code; a respelled one stays as it was', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server, { email: 'old@example.com' })

  await patched(server, admin, id, { email: 'new@example.com' })
  const [mail] = await mailsTo(server, 'new@example.com')
  assert.ok(mail)
  const confirmed = await call(server, 'POST /challenges/answer', {
    ...{ challenge: linkIn(mail).fields.challenge, method: 'mail_code', code: codeIn(mail) },
  })
  assert.equal(confirmed.statusCode, 200, confirmed.body)
  const respelled = await patched(server, admin, id, { email: 'New@Example.com' })

  assert.deepEqual([respelled.email, respelled.emailVerified], ['New@Example.com', true])
  const doubted = await patched(server, admin, id, { emailVerified: false })
  assert.equal(doubted.emailVerified, false)
  const events = (await eventsOf(server, id)).slice(-2)
  assert.deepEqual(events, [
    { type: 'profile_changed', detail: 'email' },
    { type: 'profile_changed', detail: 'emailVerified' },
  ])
})

test('an address that somebody has is 409, and nothing of the request is written', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const [one, other] = [await newAccount(server), await newAccount(server)]

  const body = { email: other.email.toUpperCase(), role: 'admin', name: 'x' }
  const answer = await ask(server, `PATCH /admin/users/${one.id}`, admin, { body })

  assertProblem(answer, 'email_taken')
  assert.deepEqual((await ask(server, `GET /admin/users/${one.id}`, admin)).json(), one)
})

test('If-Match decides by the version, for a change and for a deletion', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  const url = `/admin/users/${id}`
  const when = (tag: string) => ({ headers: { 'if-match': tag } })
  const body = { name: 'Ada' }

  const stale = await ask(server, `PATCH ${url}`, admin, { body, ...when('"2"') })
  const first = await ask(server, `PATCH ${url}`, admin, { body, ...when('"1"') })
  const second = await ask(server, `PATCH ${url}`, admin, { body, ...when('"1"') })
  const late = await ask(server, `DELETE ${url}`, admin, when('"1"'))
  const known = await ask(server, `GET ${url}`, admin, { headers: { 'if-none-match': '"2"' } })
  const deleted = await ask(server, `DELETE ${url}`, admin, when('"2"'))

  for (const answer of [stale, second, late]) assertProblem(answer, 'precondition_failed')
  assert.deepEqual([first.statusCode, first.headers.etag], [200, '"2"'])
  // What has no version, such as the last sign-in, may have changed.
  assert.equal(known.statusCode, 200)
  assert.equal(deleted.statusCode, 204)
  assertProblem(await ask(server, `DELETE ${url}`, admin), 'not_found', {
    detail: 'There is no such account.',
  })
})

test('of many changes of one version at once, one is made; without If-Match all are', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  const change = (at: number, headers = {}) =>
    ask(server, `PATCH /admin/users/${id}`, admin, { body: { name: `Name ${at}` }, headers })

  const race = await Promise.all([1, 2, 3, 4, 5].map((at) => change(at, { 'if-match': '"1"' })))
  const all = await Promise.all([6, 7, 8].map((at) => change(at)))

  assert.deepEqual(race.map(({ statusCode }) => statusCode).sort(), [200, 412, 412, 412, 412])
  assert.deepEqual(
    all.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  )
  const { version } = (await ask(server, `GET /admin/users/${id}`, admin)).json()
  assert.equal(version, 5)
})

test('PATCH /admin/users/:id refuses what it does not know', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  const change = (body: object) => ask(server, `PATCH /admin/users/${id}`, admin, { body })

  assertFaults(await change({ password: 'x', passwordHash: 'y', claims: {} }), [
    ...['/claims unknown_field', '/password unknown_field', '/passwordHash unknown_field'],
  ])
  assertFaults(await change({ role: 'root', disabled: 'yes', email: 'x' }), [
    ...['/disabled wrong_type', '/email invalid_format', '/role not_allowed'],
  ])
})

test('DELETE /admin/users/:id takes an account with all it has, and tells the owner', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  await ask(server, 'POST /notes', person, { body: { title: 'x' } })
  const disabled = await newAccount(server)
  await operator(server).disable(disabled.username)

  const answer = await ask(server, `DELETE /admin/users/${person.user.id}`, admin)
  const other = await ask(server, `DELETE /admin/users/${disabled.id}`, admin)

  assert.deepEqual([answer.statusCode, answer.body, other.statusCode], [204, '', 204])
  const { client } = server.database
  assert.deepEqual([await client.user.count(), await client.note.count()], [1, 0])
  assertProblem(await ask(server, 'GET /me', person), 'session_ended')
  const subjects = await subjectsTo(server, person.email, 1)
  assert.deepEqual(subjects, ['Your account at localhost:3000 is deleted'])
  const types = (await eventsOf(server, person.user.id)).map(({ type }) => type)
  assert.ok(types.includes('account_deleted'))
  await signedUp(server, { username: person.username, email: person.email })
})
