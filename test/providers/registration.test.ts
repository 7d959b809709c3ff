// New accounts by a provider: who may have one, what it is called, and who was invited.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import { eventsOf, newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { answerWith, codeOf } from '../support/challenges.ts'
import { linkTo, mailsTo, press } from '../support/email.ts'
import { bearer, PASSWORD } from '../support/factories.ts'
import { challengeIn } from '../support/factors.ts'
import { uniqueName } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { answerBack, returned, signInBy, withProvider } from '../support/providers.ts'
import { QUIET } from '../support/resets.ts'

const person = (more: object = {}) => ({
  ...{ email: `${uniqueName('mail')}@example.com`, email_verified: true },
  ...more,
})

test('a username that is asked for is taken, or the answer can be given again', async (t) => {
  const people = { one: person({ preferred_username: 'ada' }) }
  const { server, provider } = await withProvider(t, people, { env: QUIET })
  const { username } = await newAccount(server, { username: 'Taken' })
  const back = await returned(server, provider, 'one')

  assertProblem(await answerBack(server, back, { username: 'tAKEN' }), 'username_taken')
  assertFaults(await answerBack(server, back, { username: 'a b' }), ['/username invalid_format'])
  const answer = await answerBack(server, back, { username: 'Grace' })

  assert.equal(username, 'Taken')
  assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(answer.json().user.username, 'Grace')
  server.clock.advance(1)
  const again = await returned(server, provider, 'one')
  const known = await answerBack(server, again, { username: 'Other' })
  assert.deepEqual([known.statusCode, known.json().user.username], [200, 'Grace'])
})

/** What the provider says, and what becomes of it: a username and a name. */
const NAMES: [claims: object, username: RegExp, name: string | null][] = [
  [{ preferred_username: 'lyshark' }, /^lyshark$/, null],
  [{ preferred_username: 'lyshark' }, /^lyshark-\d{1,4}$/, null],
  [{ preferred_username: 'LYSHARK' }, /^LYSHARK-\d{1,4}$/, null],
  [{ preferred_username: 'Ly Shark (she/her)' }, /^LySharksheher$/, null],
  [{ preferred_username: 'jürgen@example.com' }, /^jurgen$/, null],
  [{ preferred_username: '__.-x' }, /^user-|^mail-[0-9a-f]{8}$/, null],
  [{ preferred_username: '../../etc/passwd' }, /^etcpasswd$/, null],
  [{ preferred_username: '李雷', name: '李雷' }, /^mail-[0-9a-f]{8}$/, '李雷'],
  [{ preferred_username: 'x'.repeat(200) }, /^x{32}$/, null],
  [{ preferred_username: 'x'.repeat(200) }, /^x{27,30}-\d{1,4}$/, null],
  [{ name: 'Ada\nLovelace\u0000' }, /^AdaLovelace$/, 'AdaLovelace'],
  [{ name: '\u0000\t' }, /^mail-[0-9a-f]{8}$/, null],
  [{ name: '👩‍🚀'.repeat(40) }, /^mail-[0-9a-f]{8}$/, `${'👩‍🚀'.repeat(33)}👩`],
  [{ name: `${'a'.repeat(99)}😀b` }, /^a{32}$/, `${'a'.repeat(99)}😀`],
  [{ name: '"'.repeat(255), preferred_username: '\\'.repeat(255) }, /^mail-/, '"'.repeat(100)],
  [
    { name: '<img src=x onerror=alert(1)>' },
    /^imgsrcxonerroralert1$/,
    '<img src=x onerror=alert(1)>',
  ],
  [{ name: 7, preferred_username: { a: 1 } }, /^mail-/, null],
]

test('usernames and names are made from what the provider says', async (t) => {
  const people = Object.fromEntries(NAMES.map(([claims], at) => [`p${at}`, person(claims)]))
  const { server, provider } = await withProvider(t, people)

  for (const [at, [claims, username, name]] of NAMES.entries()) {
    const answer = await signInBy(server, provider, `p${at}`)
    assert.equal(answer.statusCode, 201, answer.body)
    const { user, access_token } = answer.json()
    assert.match(user.username, username, JSON.stringify(claims))
    assert.equal(user.name, name, JSON.stringify(claims))
    const body = { username: user.username, ...(name === null ? {} : { name }) }
    const kept = await call(server, 'PATCH /me', body, bearer(access_token))
    assert.equal(kept.statusCode, 200, `what is made may be kept: ${kept.body}`)
  }
})

test('a person who needs the most room gets in, without the names', async (t) => {
  const quotes = '"'.repeat(255)
  const claims = { name: quotes, preferred_username: quotes }
  const domain = `${['a', 'b', 'c'].map((letter) => letter.repeat(61)).join('.')}.de`
  const email = `${'x'.repeat(64)}@${domain}`
  const people = { [quotes]: person({ ...claims, email }) }
  const { server, provider } = await withProvider(t, people)

  const answer = await signInBy(server, provider, quotes)

  assert.equal(answer.statusCode, 201, answer.body)
  const { user } = answer.json()
  assert.deepEqual([user.email, user.name, user.username], [email, null, 'x'.repeat(32)])
})

for (const registration of ['closed', 'invite']) {
  test(`with REGISTRATION=${registration} nobody new gets in, whom it knows does`, async (t) => {
    const [known, invited] = [person(), person()]
    const people = {
      ...{ stranger: person(), known, invited },
      unverified: person({ email_verified: false }),
    }
    const env = { ...QUIET, REGISTRATION: registration }
    const { server, provider } = await withProvider(t, people, { env })
    const { client } = server.database
    const { id } = await newAccount(server, { email: known.email })
    await client.user.update({ where: { id }, data: { emailVerified: true } })
    const { administration } = server.services
    const username = uniqueName()
    const guest = await administration.create({ username, email: invited.email }, OPERATOR)

    const back = await returned(server, provider, 'stranger')
    assertProblem(await answerBack(server, back), 'registration_closed')
    assertProblem(await answerBack(server, back, { username: 'ada' }), 'registration_closed')
    const unproven = await returned(server, provider, 'unverified')
    const { token } = challengeIn(await answerBack(server, unproven))
    await answerWith(server, token, codeOf(server, token))
    assertProblem(await answerBack(server, unproven), 'registration_closed')

    assert.equal((await signInBy(server, provider, 'known')).json().user.id, id)
    assert.equal((await signInBy(server, provider, 'invited')).json().user.id, guest.id)
    assert.equal(await client.user.count(), 2)
  })
}

test('who was invited signs in with a provider, and the invitation ends', async (t) => {
  const invited = person()
  const { server, provider } = await withProvider(t, { invited })
  const { administration } = server.services
  const username = uniqueName()
  const { id } = await administration.create({ username, email: invited.email }, OPERATOR)
  const invitation = await linkTo(server, invited.email, 'accept_invite')
  server.clock.advance(1)

  const answer = await signInBy(server, provider, 'invited')

  assert.equal(answer.statusCode, 200, answer.body)
  const { user } = answer.json()
  assert.deepEqual([user.id, user.username, user.emailVerified], [id, username, true])
  const row = await server.database.client.user.findUniqueOrThrow({ where: { id } })
  assert.deepEqual([row.passwordHash, row.deletionDueAt], [null, null])
  const late = await press(server, invitation, { newPassword: PASSWORD })
  assertProblem(late, 'challenge_over')
  // Nobody has been there before, so nothing is said of that.
  const subjects = (await mailsTo(server, invited.email)).map(({ subject }) => subject)
  assert.deepEqual(subjects, ['A new way to sign in to localhost:3000', invitation.subject])
  assert.deepEqual((await eventsOf(server, id)).map(({ type }) => type).sort(), [
    ...['account_created', 'identity_added', 'signed_in'],
  ])
})

test('a password set before the provider came does not outlive it', async (t) => {
  const ada = person()
  const { server, provider } = await withProvider(t, { ada }, { env: QUIET })
  const { username } = await newAccount(server, { email: ada.email })
  server.clock.advance(1)

  assert.equal((await signInBy(server, provider, 'ada')).statusCode, 200)

  assertProblem(
    await call(server, 'POST /login', { username, password: PASSWORD }),
    'invalid_credentials',
  )
})

test('persons who are called alike, at once: each gets a name of his own', async (t) => {
  const logins = ['p0', 'p1', 'p2', 'p3']
  const people = Object.fromEntries(
    logins.map((login) => [login, person({ preferred_username: 'ada' })]),
  )
  const { server, provider } = await withProvider(t, people)
  const backs = await Promise.all(logins.map((login) => returned(server, provider, login)))

  const answers = await Promise.all(backs.map((back) => answerBack(server, back)))

  for (const [at, back] of backs.entries()) {
    const answer = answers[at]
    if (answer?.statusCode === 201) continue
    assert.equal(answer?.json().code, 'unavailable', answer?.body)
    assert.equal((await answerBack(server, back)).statusCode, 201, 'another try helps')
  }
  const { client } = server.database
  const users = await client.user.findMany({ select: { username: true } })
  assert.equal(new Set(users.map(({ username }) => username)).size, logins.length)
})

test('one username asked for by several at once goes to one of them', async (t) => {
  const logins = ['p0', 'p1', 'p2']
  const people = Object.fromEntries(logins.map((login) => [login, person()]))
  const { server, provider } = await withProvider(t, people)
  const backs = await Promise.all(logins.map((login) => returned(server, provider, login)))

  const answers = await Promise.all(
    backs.map((back) => answerBack(server, back, { username: 'grace' })),
  )

  const refused = answers.filter(({ statusCode }) => statusCode !== 201)
  assert.equal(refused.length, 2)
  for (const answer of refused) assertProblem(answer, 'username_taken')
  assert.equal(await server.database.client.user.count(), 1)
})
