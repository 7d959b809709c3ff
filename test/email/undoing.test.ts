import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import { accountOf, askFor, linkTo, mailsTo, press, verifiedPerson } from '../support/email.ts'
import { bearer, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { patch } from '../support/profile.ts'

const SAFE = 'only the owner knows this one'
const WITH_SAFE = { newPassword: SAFE }
const UNDONE =
  'Your account has its old address again, and a new password. All sessions have ended: sign in with it.'
const HOUR = 3600

/** The thief has a session and the password: address and password change. */
async function taken(server: TestServer, person: Person, to = 'thief@example.net') {
  await askFor(server, person, to)
  server.clock.advance(1)
  await press(server, await linkTo(server, to))
  const change = { currentPassword: PASSWORD, newPassword: 'now it is mine alone' }
  const answer = await call(server, 'PUT /password', change, bearer(person.access_token))
  assert.equal(answer.statusCode, 200, answer.body)
  return { ...person, access_token: answer.json().access_token }
}

const signIn = (server: TestServer, username: string, password: string) =>
  call(server, 'POST /login', { username, password })

test('the link of the notice undoes a change, also after the thief changed address and password', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  const thief = await taken(server, person)
  const notice = await linkTo(server, person.email, 'undo_email')
  server.clock.advance(1)

  const answer = await press(server, notice, WITH_SAFE)

  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(answer.json(), { message: UNDONE })
  assertProblem(
    await call(server, 'GET /me', undefined, bearer(thief.access_token)),
    'session_ended',
  )
  assertProblem(
    await signIn(server, 'thief@example.net', 'now it is mine alone'),
    'invalid_credentials',
  )
  const opened = await signIn(server, person.email, SAFE)
  assert.deepEqual(opened.json().user, { ...person.user, emailVerified: true })
  assert.ok((await auditTypes(server)).includes('email_change_undone'))
  // The sign-in from an unknown device is told, too.
  const texts = (await mailsTo(server, person.email)).map(({ text }) => text)
  assert.ok(
    texts.some((text) => text.includes('A new password was chosen')),
    texts.join('\n'),
  )
})

test('the link of the first notice ends a change that waits', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'thief@example.net')
  const theirs = await linkTo(server, 'thief@example.net')

  const answer = await press(server, await linkTo(server, person.email, 'undo_email'), WITH_SAFE)

  assert.equal(answer.statusCode, 200, answer.body)
  assertProblem(await press(server, theirs), 'challenge_over')
  const { user } = (await signIn(server, person.email, SAFE)).json()
  assert.deepEqual([user.email, user.pendingEmail], [person.email, null])
})

test('a thief who moves the address twice cannot undo what the owner undid', async (t) => {
  for (const isThiefFirst of [false, true]) {
    const server = await startServer(t)
    const person = await verifiedPerson(server)
    await askFor(server, person, 'thief@example.net')
    server.clock.advance(1)
    await press(server, await linkTo(server, 'thief@example.net'))
    server.clock.advance(1)
    await askFor(server, person, 'second@example.net')
    server.clock.advance(1)
    await press(server, await linkTo(server, 'second@example.net'))
    const thiefs = (await mailsTo(server, 'thief@example.net')).filter(
      ({ purpose }) => purpose === 'undo_email',
    )
    const owners = await linkTo(server, person.email, 'undo_email')
    assert.equal(thiefs.length, 2)
    const [one, other] = thiefs
    assert.ok(one && other)
    const mine = { newPassword: 'this should be mine again' }

    server.clock.advance(1)
    if (isThiefFirst) assert.equal((await press(server, one, mine)).statusCode, 200)
    server.clock.advance(1)
    const undone = await press(server, owners, WITH_SAFE)
    server.clock.advance(1)

    assert.equal(undone.statusCode, 200, undone.body)
    assertProblem(await press(server, other, mine), 'challenge_over')
    assert.equal((await signIn(server, person.email, SAFE)).statusCode, 200)
  }
})

test('an account whose change was undone can undo the next one, too', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'thief@example.net')
  await press(server, await linkTo(server, person.email, 'undo_email'), WITH_SAFE)
  server.clock.advance(1)
  const { access_token } = (await signIn(server, person.email, SAFE)).json()
  const again = { email: 'next@example.net', currentPassword: SAFE }
  await patch(server, { ...person, access_token }, again)

  const notice = await linkTo(server, person.email, 'undo_email')
  const answer = await press(server, notice, { newPassword: 'yet another good sentence' })

  assert.equal(answer.statusCode, 200, answer.body)
})

test('an undo lets unknown devices sign in again', async (t) => {
  const server = await startServer(t, { env: { SIGN_IN_FAILURES_MAX: '10' } })
  const person = await verifiedPerson(server)
  await askFor(server, person, 'thief@example.net')
  for (let wrong = 0; wrong < 10; wrong++) await signIn(server, person.username, 'wrong password')
  const locked = await signIn(server, person.username, PASSWORD)

  await press(server, await linkTo(server, person.email, 'undo_email'), WITH_SAFE)
  const opened = await signIn(server, person.username, SAFE)

  assertProblem(locked, 'invalid_credentials')
  assert.equal(opened.statusCode, 200, opened.body)
})

test('an undo needs a good new password, and a weak one uses nothing up', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'thief@example.net')
  const notice = await linkTo(server, person.email, 'undo_email')

  assertFaults(await press(server, notice), ['/newPassword required'])
  const weak = await press(server, notice, { newPassword: person.username })
  assert.deepEqual([weak.statusCode, weak.json().code], [400, 'weak_password'])
  assert.equal((await accountOf(server, person)).pendingEmail, 'thief@example.net')
  assert.equal((await press(server, notice, WITH_SAFE)).statusCode, 200)
})

test('an undo is 409 while somebody else has the old address', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  const thief = await taken(server, person)
  const notice = await linkTo(server, person.email, 'undo_email')
  await signedUp(server, { email: person.email })

  const answer = await press(server, notice, WITH_SAFE)

  assertProblem(answer, 'email_taken')
  assert.equal((await accountOf(server, thief)).email, 'thief@example.net')
})

test('an undo works for 72 hours, never for a closed account, and is not to be begun or resent', async (t) => {
  const server = await startServer(t)
  const [early, late, closed] = [
    await verifiedPerson(server),
    await verifiedPerson(server),
    await verifiedPerson(server),
  ]
  const notices = []
  for (const [index, person] of [early, late, closed].entries()) {
    await askFor(server, person, `thief${index}@example.net`)
    notices.push(await linkTo(server, person.email, 'undo_email'))
  }
  const [first, second, third] = notices
  assert.ok(first && second && third)
  await operator(server).disable(closed.username)

  assertProblem(await press(server, third, WITH_SAFE), 'challenge_over')
  const resent = await call(server, 'POST /challenges/send', { challenge: first.challenge })
  assertProblem(resent, 'challenge_over')
  const begun = await call(server, 'POST /challenges', { purpose: 'undo_email' })
  assert.equal(begun.statusCode, 400, begun.body)
  server.clock.advance(72 * HOUR - 10)
  assert.equal((await press(server, first, WITH_SAFE)).statusCode, 200)
  server.clock.advance(11)
  assertProblem(await press(server, second, WITH_SAFE), 'challenge_over')
})
