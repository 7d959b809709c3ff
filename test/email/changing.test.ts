import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import {
  accountOf,
  askFor,
  beginVerifying,
  linkTo,
  mailsTo,
  press,
  verifiedPerson,
} from '../support/email.ts'
import { PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { patch } from '../support/profile.ts'

const NEW = 'New.Address@Example.org'

async function eventsOf(server: TestServer): Promise<string[]> {
  const entries = await auditEntries(server)
  return entries.map(({ type }) => type).filter((type) => /^email_|^profile_/.test(type))
}

test('PATCH /me with another address of a verified account leaves it until the new one is confirmed', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  const verified = { ...person.user, emailVerified: true }

  const asked = await askFor(server, person, NEW)
  const link = await linkTo(server, NEW)
  const notice = await linkTo(server, person.email, 'undo_email')
  const pending = await accountOf(server, person)
  server.clock.advance(1)
  const confirmed = await press(server, link)

  assert.equal(asked.statusCode, 200, asked.body)
  assert.deepEqual(asked.json(), { ...verified, pendingEmail: NEW })
  assert.deepEqual(pending, { ...verified, pendingEmail: NEW })
  assert.match(notice.subject, /is about to change/)
  assert.ok(!notice.text.toLowerCase().includes(NEW.toLowerCase()))
  assert.deepEqual(confirmed.json(), { email: NEW, message: 'Your e-mail address is verified.' })
  assert.deepEqual(await accountOf(server, person), { ...verified, email: NEW })
  const [changed] = await mailsTo(server, person.email)
  assert.match(String(changed?.subject), /has changed/)
  assert.equal(changed?.purpose, 'undo_email')
  const events = ['email_verified', 'email_change_asked', 'email_changed']
  assert.deepEqual(await eventsOf(server), events)
})

test('a session continues through a change of the address, and shows it', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)

  await askFor(server, person, NEW)
  const pending = await refresh(server, person.refresh_token)
  await press(server, await linkTo(server, NEW))
  const changed = await refresh(server, pending.json().refresh_token)

  assert.equal(pending.json().user.pendingEmail, NEW)
  const { email, pendingEmail, emailVerified } = changed.json().user
  assert.deepEqual(
    { email, pendingEmail, emailVerified },
    {
      email: NEW,
      pendingEmail: null,
      emailVerified: true,
    },
  )
  const signIn = (username: string) => call(server, 'POST /login', { username, password: PASSWORD })
  assert.equal((await signIn(NEW)).statusCode, 200)
  assertProblem(await signIn(person.email), 'invalid_credentials')
})

test('an address that was mistyped and is never confirmed changes nothing', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'typo@example.org')

  const signIn = await call(server, 'POST /login', { username: person.email, password: PASSWORD })
  const other = await signedUp(server, { email: 'typo@example.org' })

  assert.equal(signIn.statusCode, 200)
  assert.equal(other.user.email, 'typo@example.org')
  assert.equal((await accountOf(server, person)).email, person.email)
})

test('of two changes the link of the first is dead', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'first@example.org')
  const first = await linkTo(server, 'first@example.org')
  await askFor(server, person, 'second@example.org')
  const second = await linkTo(server, 'second@example.org')

  assertProblem(await press(server, first), 'challenge_over')
  const resent = await call(server, 'POST /challenges/send', { challenge: first.challenge })
  assert.equal(resent.statusCode, 202)
  assert.equal((await mailsTo(server, 'first@example.org')).length, 1)
  assert.equal((await press(server, second)).statusCode, 200)
  assert.equal((await accountOf(server, person)).email, 'second@example.org')
})

test('an address that somebody else takes meanwhile is 409, and the link works once it is free', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, NEW)
  const link = await linkTo(server, NEW)
  const other = await signedUp(server, { email: NEW.toLowerCase() })

  const taken = await press(server, link)
  const still = await accountOf(server, person)
  await patch(server, other, { email: 'elsewhere@example.org', currentPassword: PASSWORD })
  const free = await press(server, link)

  assertProblem(taken, 'email_taken')
  assert.deepEqual([still.email, still.pendingEmail], [person.email, NEW])
  assert.equal(free.statusCode, 200, free.body)
})

test('PATCH /me with an address that is taken is 409 at once, and mails nobody', async (t) => {
  const server = await startServer(t)
  const [person, other] = [await verifiedPerson(server), await verifiedPerson(server)]
  const count = async () =>
    (await mailsTo(server, person.email)).length + (await mailsTo(server, other.email)).length
  const before = await count()

  const taken = await askFor(server, person, other.email.toUpperCase())
  const both = await patch(server, person, {
    ...{ username: other.username, email: other.email, currentPassword: PASSWORD },
  })

  assertProblem(taken, 'email_taken')
  assertProblem(both, 'username_taken')
  assert.equal((await accountOf(server, person)).pendingEmail, null)
  assert.equal(await count(), before)
})

test('PATCH /me with the present address ends a pending change, without the password', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, NEW)
  const link = await linkTo(server, NEW)

  const cancelled = await patch(server, person, { email: person.email })

  assert.equal(cancelled.statusCode, 200, cancelled.body)
  assert.deepEqual(cancelled.json(), { ...person.user, emailVerified: true })
  assertProblem(await press(server, link), 'challenge_over')
  assert.equal((await accountOf(server, person)).email, person.email)
})

test('PATCH /me needs the password for another address, pending or not', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'first@example.org')

  const answer = await patch(server, person, { email: NEW })

  assertFaults(answer, ['/currentPassword required'])
  assert.equal((await accountOf(server, person)).pendingEmail, 'first@example.org')
  assert.deepEqual(await mailsTo(server, NEW), [])
})

test('PATCH /me changes username and name at once beside an address that waits', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  const wish = { username: uniqueName('fresh'), name: 'Ly', email: NEW }

  const answer = await patch(server, person, { ...wish, currentPassword: PASSWORD })
  const same = await patch(server, person, { email: NEW })

  const { username, name, email, pendingEmail } = answer.json()
  const expected = { ...wish, email: person.email, pendingEmail: NEW }
  assert.deepEqual({ username, name, email, pendingEmail }, expected)
  assert.equal(same.statusCode, 200)
  assert.deepEqual(await eventsOf(server), [
    'email_verified',
    'email_change_asked',
    'profile_changed',
  ])
  assert.equal((await mailsTo(server, NEW)).length, 1)
})

test('POST /challenges mails a code for the pending address, not for the present one', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, NEW)
  server.clock.advance(1)

  const begun = await beginVerifying(server, person)
  const link = await linkTo(server, NEW)

  assert.equal(begun.json().token, link.challenge)
  assert.equal((await press(server, link)).statusCode, 200)
  assert.equal((await accountOf(server, person)).email, NEW)
})

test('an address with a long name in another script is confirmed and brought back', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  const email = `x@${'ü'.repeat(50)}.${'é'.repeat(50)}.${'ß'.repeat(45)}.${'ö'.repeat(40)}.example`

  const asked = await askFor(server, person, email)
  const [mail] = await mailsTo(server, email)
  assert.ok(mail, asked.body)
  const confirmed = await press(server, mail)

  assert.equal(confirmed.statusCode, 200, confirmed.body)
  assert.equal((await accountOf(server, person)).email, email)
})

test('without mails verified addresses change at once, and the purposes are not there', async (t) => {
  const relay = { SMTP_URL: '', NODE_ENV: 'production', PUBLIC_URL: 'http://localhost:3000' }
  const argon2 = { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '2' }
  const secret = { SECRET: randomBytes(48).toString('base64url') }
  const server = await startServer(t, { env: { ...relay, ...argon2, ...secret } })
  const person = await signedUp(server)
  await server.database.client.user.updateMany({ data: { emailVerified: true } })

  const changed = await askFor(server, person, NEW)

  assert.deepEqual(changed.json(), { ...person.user, email: NEW })
  const detail = 'This server does not offer this purpose.'
  assertProblem(await beginVerifying(server, person), 'not_found', { detail })
  assert.equal(await server.database.client.mail.count(), 0)
})
