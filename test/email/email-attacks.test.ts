import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { answerWith, wrongCode } from '../support/challenges.ts'
import {
  accountOf,
  askFor,
  beginVerifying,
  type LinkMail,
  linkTo,
  mailsTo,
  press,
  verifiedPerson,
  wrongProof,
} from '../support/email.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { fillOutbox } from '../support/outbox.ts'
import { assertProblem } from '../support/problems.ts'
import { beginReset } from '../support/resets.ts'

const UNDO_PASSWORD = { newPassword: 'only the owner knows this one' }

/** All that a link could have changed. */
async function contents({ database: { client: db } }: TestServer) {
  return JSON.stringify([
    await db.user.findMany({ omit: { photoBytes: true } }),
    await db.challenge.findMany(),
    await db.session.findMany(),
    await db.mail.findMany(),
  ])
}

test('GET and HEAD on mailed links change nothing, in any part of the address that the code is in', async (t) => {
  const server = await startServer(t)
  const person = await verifiedPerson(server)
  await askFor(server, person, 'new@example.org')
  const links = [
    await linkTo(server, 'new@example.org'),
    await linkTo(server, person.email, 'undo_email'),
  ]
  const before = await contents(server)

  for (const { purpose, challenge, code } of links) {
    const query = new URLSearchParams({ purpose, challenge, code, method: 'mail_code' })
    for (const method of ['GET', 'HEAD'] as const) {
      for (const path of ['/mail', '/challenges', '/challenges/send', '/challenges/answer']) {
        await server.inject({ method, url: `${path}?${query}` })
        await server.inject({ method, url: path })
      }
    }
  }

  assert.equal(await contents(server), before)
})

test('of 50 right answers at once one verifies, and the same request gets its answer', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const person = await signedUp(server)
  const link = await linkTo(server, person.email)

  const answers = await Promise.all(Array.from({ length: 50 }, () => press(server, link, {}, 'k')))

  assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
  assert.equal((await accountOf(server, person)).emailVerified, true)
})

test('of six confirmations at once, one for each account, one gets the address', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const links: LinkMail[] = []
  for (let index = 0; index < 6; index++) {
    const person = await verifiedPerson(server)
    await askFor(server, person, 'wanted@example.org')
    const mails = await mailsTo(server, 'wanted@example.org')
    const known = new Set(links.map(({ challenge }) => challenge))
    links.push(...mails.filter(({ challenge }) => !known.has(challenge)))
  }

  const answers = await Promise.all(links.map((link) => press(server, link)))

  assert.equal(links.length, 6)
  const statuses = answers.map(({ statusCode }) => statusCode).sort()
  assert.deepEqual(statuses, [200, 409, 409, 409, 409, 409])
})

test('a confirmation and a new change at once leave one of two whole outcomes', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  for (let turn = 0; turn < 5; turn++) {
    const person = await verifiedPerson(server)
    const [first, second] = [`a${turn}@example.org`, `b${turn}@example.org`]
    await askFor(server, person, first)
    const link = await linkTo(server, first)

    const [confirmed, asked] = await Promise.all([
      press(server, link),
      askFor(server, person, second),
    ])
    const { email, emailVerified, pendingEmail } = await accountOf(server, person)

    assert.equal(asked.statusCode, 200, asked.body)
    const isFirst = confirmed.statusCode === 200
    if (!isFirst) assertProblem(confirmed, 'challenge_over')
    const expected = { email: isFirst ? first : person.email, emailVerified: true }
    assert.deepEqual({ email, emailVerified, pendingEmail }, { ...expected, pendingEmail: second })
    const notices = (await mailsTo(server, isFirst ? first : person.email)).filter(({ subject }) =>
      /about to change/.test(subject),
    )
    assert.equal(notices.length, isFirst ? 1 : 2)
  }
})

test('two servers with one database take each other for one', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock })
  const person = await signedUp(one)
  // Either of them may send the mail, into the folder of its own.
  const mails = [...(await mailsTo(one, person.email)), ...(await mailsTo(other, person.email))]
  const [link] = mails
  assert.ok(link)
  assert.equal(mails.length, 1)

  const first = await press(other, link, {}, 'k')
  const again = await press(one, link, {}, 'k')

  assert.deepEqual([first.statusCode, again.statusCode], [200, 200])
  assertProblem(await press(one, link, {}, 'l'), 'challenge_over')
})

test('forged, cut and foreign tokens are refused as over or wrong, and touch nobody', async (t) => {
  const server = await startServer(t)
  const other = await startServer(t, { masterSecrets: [Buffer.alloc(48, 1)] })
  const [person, victim] = [await verifiedPerson(server), await signedUp(server)]
  const stranger = await signedUp(other)
  const foreign = await linkTo(other, stranger.email)
  await askFor(server, person, 'new@example.org')
  const verify = await linkTo(server, 'new@example.org')
  const undo = await linkTo(server, person.email, 'undo_email')
  const before = await server.database.client.user.findMany({ omit: { photoBytes: true } })

  for (const challenge of [foreign.challenge, undo.challenge.slice(1), `${verify.challenge}A`]) {
    assertProblem(await press(server, { challenge, code: verify.code }), 'challenge_over')
  }
  // The code of one challenge is of no use for another.
  const crossed = await press(server, { ...undo, code: verify.code }, UNDO_PASSWORD)
  assertProblem(crossed, 'invalid_credentials', wrongProof(4))
  const wrong = await answerWith(server, verify.challenge, wrongCode(server, verify.challenge))
  assertProblem(wrong, 'invalid_credentials', wrongProof(4))
  const password = { challenge: verify.challenge, method: 'password', password: PASSWORD }
  const byPassword = await call(server, 'POST /challenges/answer', password)
  assert.equal(byPassword.statusCode, 400, byPassword.body)

  const after = await server.database.client.user.findMany({ omit: { photoBytes: true } })
  assert.deepEqual(after, before)
  assert.equal((await accountOf(server, victim)).emailVerified, false)
})

test('a challenge sealed under an old master secret is answered while that secret is listed', async (t) => {
  const url = await freshDatabase(t)
  const [old, fresh] = [Buffer.alloc(48, 1), Buffer.alloc(48, 2)]
  const before = await startServer(t, { url, masterSecrets: [old] })
  const person = await signedUp(before)
  const link = await linkTo(before, person.email)
  const dropped = await startServer(t, { url, masterSecrets: [fresh] }).catch(() => undefined)
  const both = await startServer(t, { url, masterSecrets: [fresh, old], clock: before.clock })

  if (dropped) assertProblem(await press(dropped, link), 'challenge_over')
  assert.equal((await press(both, link)).statusCode, 200)
})

test('a full outbox refuses starts with 503, and drops and counts the mails of notices and registrations', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const { database, services, clock } = server
  const person = await verifiedPerson(server)
  await askFor(server, person, 'new@example.org')
  const link = await linkTo(server, 'new@example.org')
  await fillOutbox(database.client, clock())

  const newcomer = await signedUp(server)
  const begun = await beginVerifying(server, newcomer)
  const reset = await beginReset(server, person.username)
  const asked = await askFor(server, person, 'other@example.org')
  const replaced = await askFor(server, newcomer, 'newcomer@example.org')
  const confirmed = await press(server, link)

  const detail = 'Too many mails wait to be sent; retry later.'
  for (const answer of [begun, reset, asked]) assertProblem(answer, 'overloaded', { detail })
  assert.equal(replaced.json().email, 'newcomer@example.org', replaced.body)
  assert.equal(confirmed.statusCode, 200, confirmed.body)
  assert.equal((await accountOf(server, person)).email, 'new@example.org')
  assert.equal((await services.mail.figures()).dropped, 3)

  await database.client.mail.deleteMany()
  await beginVerifying(server, newcomer)
  const verified = await press(server, await linkTo(server, 'newcomer@example.org'))
  assert.equal(verified.statusCode, 200, verified.body)
})

test('a relay that is away changes no answer of a registration or a change', async (t) => {
  const server = await startServer(t, { env: { SMTP_URL: 'smtp://127.0.0.1:9' } })
  const person = await signedUp(server)
  await server.database.client.user.updateMany({ data: { emailVerified: true } })

  const asked = await askFor(server, person, 'new@example.org')

  assert.deepEqual(asked.json(), {
    ...{ ...person.user, emailVerified: true, pendingEmail: 'new@example.org' },
  })
  const kinds = (await server.database.client.mail.findMany()).map(({ kind }) => kind).sort()
  assert.deepEqual(kinds, ['email_change_asked', 'verify_email', 'verify_email'])
})
