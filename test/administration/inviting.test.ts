// Accounts that administrators make: with a password, and by an invitation that its owner accepts.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { eventsOf, newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { PASSWORD } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import {
  answerReset,
  codeIn,
  linkIn,
  mailedReset,
  mailsTo,
  NEW_PASSWORD,
  subjectsTo,
} from '../support/resets.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }
const WEEK = 7 * 86_400
const READY = { message: 'Your account is ready: sign in with your new password.' }

const logIn = (server: TestServer, login: object, password: string) =>
  call(server, 'POST /login', { ...login, password })

/** Somebody who was invited, with the token and the code of the mail. */
async function invited(server: TestServer, name = 'guest') {
  const admin = await newAdmin(server)
  const account = { username: name, email: `${name}@example.com` }
  const answer = await ask(server, 'POST /admin/users', admin, { body: account })
  assert.equal(answer.statusCode, 201, answer.body)
  const [mail] = await mailsTo(server, account.email)
  assert.ok(mail)
  const { page, fields } = linkIn(mail)
  const { challenge = '' } = fields
  return { ...account, admin, answer, mail, page, fields, token: challenge, code: codeIn(mail) }
}

test('POST /admin/users with a password makes an account, and no session', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const account = { username: 'Ada', email: 'ada@example.com', name: 'Ada L.', role: 'admin' }

  const answer = await ask(server, 'POST /admin/users', admin, {
    body: { ...account, password: PASSWORD },
  })

  const { id } = answer.json<{ id: string }>()
  assert.equal(answer.statusCode, 201, answer.body)
  assert.deepEqual(
    [answer.headers.location, answer.headers.etag, answer.headers['set-cookie']],
    [`/admin/users/${id}`, '"1"', undefined],
  )
  assert.deepEqual(answer.json(), {
    ...{ id, ...account, emailVerified: false, pendingEmail: null },
    ...{ locale: null, secondFactor: false },
    createdAt: new Date(server.clock()).toISOString(),
    ...{ disabledAt: null, lockedUntil: null, lastSignInAt: null, hasPassword: true },
    ...{ identities: 0, version: 1 },
  })
  assert.equal(await server.database.client.session.count({ where: { userId: id } }), 0)
  assert.deepEqual(await eventsOf(server, id), [{ type: 'account_created', detail: 'admin' }])
  assert.equal((await logIn(server, { username: 'Ada' }, PASSWORD)).statusCode, 200)
})

test('POST /admin/users refuses what /register refuses', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { username, email } = await newAccount(server)
  const create = (body: object) => ask(server, 'POST /admin/users', admin, { body })
  const fresh = { username: 'fresh', email: 'fresh@example.com' }

  assertProblem(await create({ ...fresh, username: username.toUpperCase() }), 'username_taken')
  assertProblem(await create({ ...fresh, email: email.toUpperCase() }), 'email_taken')
  const weak = await create({ ...fresh, password: 'password' })
  assert.equal(weak.json<{ code: string }>().code, 'weak_password')
  assertFaults(await create({ ...fresh, role: 'root' }), ['/role not_allowed'])
  assertFaults(await create({ ...fresh, id: 'x', disabled: true }), [
    ...['/disabled unknown_field', '/id unknown_field'],
  ])
  assert.equal(await server.database.client.user.count(), 2)
})

test('an invitation by mail: a link with a code, a password, and the address is verified', async (t) => {
  const server = await startServer(t, { env })
  const guest = await invited(server)
  const before = guest.answer.json()
  assert.deepEqual([before.hasPassword, before.emailVerified], [false, false])
  assert.equal(guest.mail.subject, 'You are invited to localhost:3000')
  assert.ok(!guest.mail.text.includes(guest.username.toUpperCase()))
  assert.deepEqual(Object.keys(guest.fields), ['purpose', 'challenge', 'code'])
  assert.deepEqual(
    [guest.page, guest.fields.purpose],
    ['http://localhost:3000/mail', 'accept_invite'],
  )
  assertProblem(await logIn(server, { username: guest.username }, PASSWORD), 'invalid_credentials')

  const accepted = await answerReset(server, guest.token, guest.code)

  assert.deepEqual([accepted.statusCode, accepted.json()], [200, READY])
  assert.deepEqual(accepted.cookies, [])
  const signedIn = await logIn(server, { email: guest.email }, NEW_PASSWORD)
  assert.equal(signedIn.statusCode, 200, signedIn.body)
  const after = await ask(server, `GET /admin/users/${before.id}`, guest.admin)
  const { hasPassword, emailVerified, version } = after.json()
  assert.deepEqual([hasPassword, emailVerified, version], [true, true, 2])
  const events = (await eventsOf(server, before.id)).map(({ type }) => type)
  const attempt = 'sign_in_failed'
  assert.deepEqual(events, ['account_created', attempt, 'invitation_accepted', 'signed_in'])
})

test('an invitation is accepted once; a retry with its key is answered again', async (t) => {
  const server = await startServer(t, { env })
  const { token, code } = await invited(server)
  const weak = await answerReset(server, token, code, { newPassword: 'guest-guest' })
  assert.equal(weak.json<{ code: string }>().code, 'weak_password')

  const first = await answerReset(server, token, code, { key: 'one' })
  const again = await answerReset(server, token, code, { key: 'one' })
  const other = await answerReset(server, token, code, { key: 'two' })
  const thief = await answerReset(server, token, code, { newPassword: 'a quite different one' })

  assert.deepEqual([first.json(), again.json()], [READY, READY])
  assertProblem(other, 'challenge_over')
  assertProblem(thief, 'challenge_over')
})

test('of parallel answers to an invitation, one sets the password', async (t) => {
  const server = await startServer(t, { env })
  const { token, code, username } = await invited(server)
  const passwords = Array.from({ length: 8 }, (_, at) => `a very long password ${at}`)

  const answers = await Promise.all(
    passwords.map((newPassword) => answerReset(server, token, code, { newPassword })),
  )

  const done = answers.flatMap(({ statusCode }, at) => (statusCode === 200 ? [at] : []))
  assert.equal(done.length, 1)
  const right = await logIn(server, { username }, String(passwords[Number(done[0])]))
  assert.equal(right.statusCode, 200)
})

test('wrong codes are counted, and a disabled account accepts nothing', async (t) => {
  const server = await startServer(t, { env })
  const { token, code, username } = await invited(server)
  const wrong = code === '0000 0000' ? '1111 1111' : '0000 0000'

  const { code: problem, attemptsLeft } = (await answerReset(server, token, wrong)).json()
  assert.deepEqual([problem, attemptsLeft], ['invalid_credentials', 4])
  await operator(server).disable(username)
  assertProblem(await answerReset(server, token, code), 'challenge_over')
})

test('an account that nobody accepts within 7 days is deleted, and its names are free', async (t) => {
  const server = await startServer(t, { env })
  const { token, code, admin, username, email } = await invited(server)
  const proceed = () => server.services.deletion.proceedUntil(new AbortController().signal)

  server.clock.advance(WEEK - 60)
  await proceed()
  assert.equal(await server.database.client.user.count({ where: { username } }), 1)
  server.clock.advance(120)
  assertProblem(await answerReset(server, token, code), 'challenge_over')
  await proceed()

  assert.equal(await server.database.client.user.count({ where: { username } }), 0)
  const again = await operator(server)
    .disable(username)
    .catch(({ message }) => message)
  assert.equal(again, 'There is no account with this name.')
  await server.services.administration.create(
    { username, email, password: PASSWORD },
    { actorId: admin.user.id as never },
  )
})

test('a reset mail to an account without a password is another invitation, good for 7 days', async (t) => {
  const server = await startServer(t, { env })
  const { answer, email, username } = await invited(server)
  const { id } = answer.json<{ id: string }>()
  server.clock.advance(WEEK - 60)
  const admin = await newAdmin(server)

  const sent = await ask(server, `POST /admin/users/${id}/reset-mail`, admin)
  assert.equal(sent.statusCode, 202, sent.body)
  const [mail] = await mailsTo(server, email, 2)
  assert.ok(mail)
  server.clock.advance(WEEK - 60)
  await server.services.deletion.proceedUntil(new AbortController().signal)
  const accepted = await answerReset(server, String(linkIn(mail).fields.challenge), codeIn(mail))

  assert.deepEqual(accepted.json(), READY)
  server.clock.advance(WEEK)
  await server.services.deletion.proceedUntil(new AbortController().signal)
  assert.equal((await logIn(server, { username }, NEW_PASSWORD)).statusCode, 200)
})

test('the code of an invitation is mailed once more, and a forgotten one is as good as a reset', async (t) => {
  const server = await startServer(t, { env })
  const { token, code, email, username } = await invited(server)

  const more = await call(server, 'POST /challenges/send', { challenge: token })
  const subjects = await subjectsTo(server, email, 2)
  const reset = await mailedReset(server, { email }, 3)
  const done = await answerReset(server, reset.token, reset.code)

  assert.equal(more.statusCode, 202, more.body)
  assert.deepEqual(subjects, Array(2).fill('You are invited to localhost:3000'))
  assert.equal(done.statusCode, 200, done.body)
  assertProblem(await answerReset(server, token, code), 'challenge_over')
  server.clock.advance(2 * WEEK)
  await server.services.deletion.proceedUntil(new AbortController().signal)
  assert.equal((await logIn(server, { username }, NEW_PASSWORD)).statusCode, 200)
})

test('nobody begins an invitation but an administrator', async (t) => {
  const server = await startServer(t, { env })
  const { email } = await invited(server)

  const answer = await call(server, 'POST /challenges', { purpose: 'accept_invite', login: email })

  assert.equal(answer.statusCode, 400, answer.body)
})

test('where no mails are sent nobody is invited: the password is asked for', async (t) => {
  const production = {
    ...{ NODE_ENV: 'production', SECRET: randomBytes(48).toString('base64url') },
    ...{ PUBLIC_URL: 'https://auth.example.org', TRUST_PROXY: '127.0.0.1' },
    ...{ ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' },
  }
  const server = await startServer(t, { env: production })
  const admin = await newAdmin(server)
  const account = { username: 'guest', email: 'guest@example.com' }

  const answer = await ask(server, 'POST /admin/users', admin, { body: account })
  const withPassword = { ...account, password: PASSWORD }
  const made = await ask(server, 'POST /admin/users', admin, { body: withPassword })
  const mailed = await ask(server, `POST /admin/users/${made.json().id}/reset-mail`, admin)

  const detail = 'This server sends no mails, so nobody can be invited: send a password.'
  const errors = [{ pointer: '/password', code: 'required', detail }]
  assertProblem(answer, 'validation_failed', { errors })
  assert.equal(made.statusCode, 201, made.body)
  assertProblem(mailed, 'not_found', {
    detail: 'SMTP_URL is not set, so the server sends no mails.',
  })
})
