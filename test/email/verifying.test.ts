import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { answerWith, wrongCode } from '../support/challenges.ts'
import {
  accountOf,
  beginVerifying,
  linkTo,
  mailsTo,
  press,
  verifiedPerson,
  wrongProof,
} from '../support/email.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { patch } from '../support/profile.ts'

const DAY = 86_400
const VERIFIED = 'Your e-mail address is verified.'

test('POST /register mails a link whose code verifies the address, without a session', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const [mail, ...others] = await mailsTo(server, person.email)
  assert.ok(mail)

  const answer = await press(server, mail)

  assert.deepEqual(others, [])
  assert.equal(mail.purpose, 'verify_email')
  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(answer.json(), { email: person.email, message: VERIFIED })
  assert.equal(answer.headers['set-cookie'], undefined)
  assert.deepEqual(await accountOf(server, person), { ...person.user, emailVerified: true })
  assert.deepEqual(await auditTypes(server), ['email_verified', 'registered', 'signed_in'])
})

test('a mail to an address that nobody has confirmed names neither username nor name', async (t) => {
  const server = await startServer(t)
  const username = 'www.evil.example'
  const name = 'Click here'
  const account = { username, name, email: 'victim@example.com', password: PASSWORD }
  await call(server, 'POST /register', account)

  const [mail] = await mailsTo(server, 'victim@example.com')

  assert.ok(mail)
  const { subject, text, html } = mail
  assert.doesNotMatch([subject, text, html].join(' '), /evil|Click here/)
})

test('POST /challenges mails another code, and both verify the address, once and again', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await linkTo(server, person.email)
  server.clock.advance(1)

  const begun = await beginVerifying(server, person)
  const second = await linkTo(server, person.email)

  assert.equal(begun.statusCode, 201, begun.body)
  const { token, ...view } = begun.json()
  assert.deepEqual(view, { purpose: 'verify_email', methods: ['mail_code'], expiresIn: DAY })
  assert.equal(token, second.challenge)
  assert.notEqual(first.code, second.code)
  for (const link of [second, first]) {
    const answer = await press(server, link)
    assert.deepEqual(answer.json(), { email: person.email, message: VERIFIED })
  }
  const verified = (await auditTypes(server)).filter((type) => type === 'email_verified')
  assert.equal(verified.length, 1)
})

test('POST /challenges/send mails the code of the first mail again, which stays good', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await linkTo(server, person.email)

  for (const _ of [1, 2]) {
    server.clock.advance(1)
    const sent = await call(server, 'POST /challenges/send', { challenge: first.challenge })
    assert.equal(sent.statusCode, 202, sent.body)
  }
  const mails = await mailsTo(server, person.email)

  assert.deepEqual(
    mails.map(({ code, challenge }) => ({ code, challenge })),
    Array(3).fill({ code: first.code, challenge: first.challenge }),
  )
  assert.equal((await press(server, first)).statusCode, 200)
})

test('POST /challenges and /challenges/send count three mails in a quarter of an hour together', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  await leave(1, server, 'mail', `verify ${person.email}`)

  const begun = await beginVerifying(server, person)
  const { token: challenge } = begun.json()
  const refused = [
    await beginVerifying(server, person),
    await call(server, 'POST /challenges/send', { challenge }),
  ]

  assert.equal(begun.statusCode, 201, begun.body)
  for (const answer of refused) assertUsedUp(answer, 'mail', { wait: 900 })
})

test('POST /challenges for verify_email needs an access token and takes no login', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const body = { purpose: 'verify_email' }
  const withLogin = { ...body, login: person.email }

  const anonymous = await call(server, 'POST /challenges', body)
  const named = await call(server, 'POST /challenges', withLogin, bearer(person.access_token))

  assertProblem(anonymous, 'unauthenticated')
  assertFaults(named, ['/login not_allowed'])
  assert.equal((await mailsTo(server, person.email)).length, 1)
})

test('a code verifies only the address that it was mailed to', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await linkTo(server, person.email)
  const change = { email: 'second@example.com', currentPassword: PASSWORD }

  const changed = await patch(server, person, change)
  const second = await linkTo(server, 'second@example.com')
  const late = await press(server, first)

  assert.deepEqual(changed.json(), { ...person.user, email: 'second@example.com' })
  assertProblem(late, 'challenge_over')
  assert.equal((await accountOf(server, person)).emailVerified, false)
  assert.equal((await press(server, second)).statusCode, 200)
  assert.equal((await accountOf(server, person)).emailVerified, true)
})

test('a code expires after a day, and ends with a change of the password and with the account', async (t) => {
  const server = await startServer(t)
  const [late, changed, disabled, deleted] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const links = new Map<object, Awaited<ReturnType<typeof linkTo>>>()
  for (const person of [late, changed, disabled, deleted]) {
    links.set(person, await linkTo(server, person.email))
  }
  const change = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' }
  await call(server, 'PUT /password', change, bearer(changed.access_token))
  await operator(server).disable(disabled.username)
  const body = { currentPassword: PASSWORD }
  await call(server, 'DELETE /me', body, bearer(deleted.access_token))

  const answers = [changed, disabled, deleted].map((person) => {
    return press(server, links.get(person) ?? { challenge: '', code: '' })
  })
  for (const answer of await Promise.all(answers)) assertProblem(answer, 'challenge_over')
  server.clock.advance(DAY)

  assertProblem(
    await press(server, links.get(late) ?? { challenge: '', code: '' }),
    'challenge_over',
  )
  const verified = await server.database.client.user.count({ where: { emailVerified: true } })
  assert.equal(verified, 0)
})

test('five wrong codes end a challenge, and another one still verifies the address', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { challenge, code } = await linkTo(server, person.email)
  server.clock.advance(1)

  for (const number of [1, 2, 3, 4, 5]) {
    const answer = await answerWith(server, challenge, wrongCode(server, challenge, number))
    assertProblem(answer, 'invalid_credentials', wrongProof(5 - number))
  }
  const right = await press(server, { challenge, code })
  await beginVerifying(server, person)
  const again = await press(server, await linkTo(server, person.email))

  assertProblem(right, 'challenge_over')
  assert.equal(again.statusCode, 200, again.body)
})

test('a retry with its key gets the answer again, and no other request does', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const link = await linkTo(server, person.email)

  const first = await press(server, link, {}, 'key-1')
  const again = await press(server, link, {}, 'key-1')

  assert.equal(first.statusCode, 200, first.body)
  assert.deepEqual(again.json(), first.json())
  assertProblem(await press(server, link, {}, 'key-2'), 'challenge_over')
  assertProblem(await press(server, link), 'challenge_over')
})

test('EMAIL_VERIFICATION=off mails nothing at registration, and a code to those who ask', async (t) => {
  const server = await startServer(t, { env: { EMAIL_VERIFICATION: 'off' } })
  const person = await signedUp(server)
  await patch(server, person, { email: 'other@example.com', currentPassword: PASSWORD })
  const before = await mailsTo(server, 'other@example.com')

  const begun = await beginVerifying(server, person)

  assert.deepEqual([await mailsTo(server, person.email), before], [[], []])
  assert.equal(begun.statusCode, 201, begun.body)
  assert.equal((await press(server, await linkTo(server, 'other@example.com'))).statusCode, 200)
})

test('a session of a verified account shows it at every place', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)

  const { user } = await signedIn(server, person)
  const dashboard = await call(server, 'GET /dashboard', undefined, bearer(person.access_token))

  assert.deepEqual(user, { ...person.user, emailVerified: true })
  assert.deepEqual(dashboard.json().user, user)
})
