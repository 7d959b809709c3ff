// What an account that was taken back keeps of those who had it: a reset, an address that is
// brought back, and an owner whom a provider has signed in.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { call } from '../support/answers.ts'
import { askFor, type LinkMail, linkTo, press, verifiedPerson } from '../support/email.ts'
import { bearer, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, RETURN_TO, returned, signInBy, withProvider } from '../support/providers.ts'
import { answerReset, mailedReset, NEW_PASSWORD } from '../support/resets.ts'

const OWNER = 'owner'
const UNDO = 'undo_email'

async function placeOf(t: TestContext) {
  const email = `${uniqueName('owner')}@example.com`
  const thief = { email: 'thief@provider.example', email_verified: true }
  const owner = { email, email_verified: true }
  return { email, ...(await withProvider(t, { owner, thief, other: thief })) }
}

async function give(server: TestServer, { user }: Person, subject: string): Promise<void> {
  const { identityStore } = server.services
  const facts = { issuer: 'https://other.example', subject, provider: 'other', email: null }
  await server.database.client.$transaction((tx) =>
    identityStore.insert(tx, user.id as UserId, facts, false),
  )
}

async function subjectsOf({ database }: TestServer, { user }: Person): Promise<string[]> {
  const rows = await database.client.identity.findMany({ where: { userId: user.id } })
  return rows.map(({ subject }) => subject).sort()
}

/** Presses a button somewhere else than where the account was made. */
function pressElsewhere(server: TestServer, { challenge, code }: LinkMail) {
  return server.inject({
    ...{ method: 'POST', url: '/challenges/answer', remoteAddress: '198.51.100.7' },
    payload: { challenge, method: 'mail_code', code },
  })
}

test('a reset of an address that nobody had proven removes what a stranger added', async (t) => {
  const { server } = await placeOf(t)
  const [unproven, proven] = [await signedUp(server), await verifiedPerson(server)]
  for (const person of [unproven, proven]) {
    const subject = uniqueName()
    await give(server, person, subject)
    const { token, code } = await mailedReset(server, person, 2)
    const done = await answerReset(server, token, code)
    assert.equal(done.statusCode, 200, done.body)
    assert.deepEqual(await subjectsOf(server, person), person === proven ? [subject] : [])
  }
})

test('an address that is brought back takes the identities of the thief along', async (t) => {
  const { server, provider, email } = await placeOf(t)
  const person = await verifiedPerson(server)
  await give(server, person, 'own')
  server.clock.advance(1)
  assert.equal((await askFor(server, person, email)).statusCode, 200)
  await press(server, await linkTo(server, email))
  const { access_token: token } = person
  const back = await returned(server, provider, 'thief', { purpose: 'add_identity', token })
  assert.equal((await answerBack(server, back, {}, bearer(token))).statusCode, 201)
  assert.deepEqual(await subjectsOf(server, person), ['own', 'thief'])
  const notice = await linkTo(server, person.email, UNDO)

  const undone = await press(server, notice, { newPassword: NEW_PASSWORD })

  assert.equal(undone.statusCode, 200, undone.body)
  assert.deepEqual(await subjectsOf(server, person), ['own'])
  assert.notEqual((await signInBy(server, provider, 'thief')).json().user?.id, person.user.id)
})

/** An account of somebody else whose address became that of the owner, by a link opened blindly. */
async function prepared(server: TestServer, email: string) {
  const squatter = await verifiedPerson(server)
  assert.equal((await askFor(server, squatter, email)).statusCode, 200)
  const opened = await pressElsewhere(server, await linkTo(server, email))
  assert.equal(opened.statusCode, 200, opened.body)
  const notice = await linkTo(server, squatter.email, UNDO)
  server.clock.advance(1)
  return { squatter, notice }
}

test('who made the account cannot bring the old address back to an owner who came', async (t) => {
  const { server, provider, email } = await placeOf(t)
  const { squatter, notice } = await prepared(server, email)

  const owner = await signInBy(server, provider, OWNER)
  server.clock.advance(1)
  const undone = await press(server, notice, { newPassword: NEW_PASSWORD })

  assert.deepEqual([owner.statusCode, owner.json().user.id], [200, squatter.user.id])
  assertProblem(undone, 'challenge_over')
  const again = await signInBy(server, provider, OWNER)
  const { user, access_token } = again.json()
  assert.deepEqual([user.id, user.email], [squatter.user.id, email])
  for (const password of [PASSWORD, NEW_PASSWORD]) {
    const login = { username: squatter.username, password }
    assertProblem(await call(server, 'POST /login', login), 'invalid_credentials')
  }
  assert.equal((await call(server, 'GET /me', undefined, bearer(access_token))).statusCode, 200)
})

test('an owner who came by a provider can still undo what is changed later', async (t) => {
  const { server, provider, email } = await placeOf(t)
  await prepared(server, email)
  const first = await signInBy(server, provider, OWNER)
  assert.equal(first.statusCode, 200, first.body)
  const person: Person = { ...first.json(), username: '', email, cookie: undefined }
  const reset = await mailedReset(server, person, 3)
  await answerReset(server, reset.token, reset.code, { newPassword: PASSWORD })
  const login = { username: email, password: PASSWORD }
  const session = (await call(server, 'POST /login', login)).json()
  server.clock.advance(1)
  const moved = `${uniqueName('moved')}@example.com`
  assert.equal((await askFor(server, { ...person, ...session }, moved)).statusCode, 200)
  await press(server, await linkTo(server, moved))

  const undone = await press(server, await linkTo(server, email, UNDO), {
    newPassword: NEW_PASSWORD,
  })

  assert.equal(undone.statusCode, 200, undone.body)
  const row = await server.database.client.user.findUniqueOrThrow({
    where: { id: person.user.id },
  })
  assert.equal(row.email, email)
})

test('codes that were mailed to the squatter are refused', async (t) => {
  const { server, provider, email } = await placeOf(t)
  const squatter = await signedUp(server, { email })
  const verification = await linkTo(server, email)
  const reset = await mailedReset(server, squatter, 2)
  server.clock.advance(1)
  assert.equal((await signInBy(server, provider, OWNER)).statusCode, 200)

  assertProblem(await answerReset(server, reset.token, reset.code), 'challenge_over')
  assertProblem(await press(server, verification), 'challenge_over')
})

/** Somebody without a password has moved the account to the address of the owner, who clicked. */
async function movedByThief({ server, provider, email }: Awaited<ReturnType<typeof placeOf>>) {
  const thief = (await signInBy(server, provider, 'thief')).json()
  server.clock.advance(1)
  const asked = await call(server, 'PATCH /me', { email }, bearer(thief.access_token))
  assert.equal(asked.statusCode, 200, asked.body)
  const opened = await pressElsewhere(server, await linkTo(server, email))
  assert.equal(opened.statusCode, 200, opened.body)
  server.clock.advance(1)
  return thief
}

test('a link that is opened elsewhere vouches for no session of a provider, but its code typed in one does', async (t) => {
  const place = await placeOf(t)
  const { server, provider, email } = place
  await movedByThief(place)
  const thief = (await signInBy(server, provider, 'thief')).json()
  assert.equal(thief.user.email, email)

  const token = thief.access_token
  for (const purpose of ['add_totp', 'add_passkey', 'add_identity']) {
    const fields = { provider: 'real', codeChallenge: 'c'.repeat(43), returnTo: RETURN_TO }
    const body = { purpose, ...(purpose === 'add_identity' ? fields : {}) }
    const answer = await call(server, 'POST /challenges', body, bearer(token))
    const { challenge } = answer.json()
    const detail = 'Verify your e-mail address first: a code is on its way to it.'
    assertProblem(answer, 'step_up_required', { detail, members: { challenge } })
  }

  const { challenge, code } = await linkTo(server, email)
  const typed = await server.inject({
    ...{ method: 'POST', url: '/challenges/answer', remoteAddress: '198.51.100.7' },
    headers: bearer(token),
    payload: { challenge, method: 'mail_code', code },
  })
  assert.equal(typed.statusCode, 200, typed.body)
  const body = { purpose: 'add_totp' }
  assert.equal((await call(server, 'POST /challenges', body, bearer(token))).statusCode, 201)
})

test('a reset of an account that somebody moved to the address removes the identities', async (t) => {
  const place = await placeOf(t)
  const { server, provider, email } = place
  const thief = await movedByThief(place)
  const person: Person = { ...thief, username: '', email, cookie: undefined }
  assert.equal((await subjectsOf(server, person)).length, 1)

  const { token, code } = await mailedReset(server, { email }, 2)
  assert.equal((await answerReset(server, token, code)).statusCode, 200)

  assert.deepEqual(await subjectsOf(server, person), [])
  const again = await signInBy(server, provider, 'thief')
  assert.notEqual(again.json().user?.id, thief.user.id)
})

test('the reset that an administrator sends to a moved account leaves no provider of before', async (t) => {
  const { server, provider } = await placeOf(t)
  const { user } = (await signInBy(server, provider, 'thief')).json<Person>()
  const { administration } = server.services
  const address = `${uniqueName('owner')}@example.com`
  await administration.change(user.id as UserId, { email: address }, OPERATOR)

  await administration.sendReset(user.id as UserId, OPERATOR)

  const { challenge, code } = await linkTo(server, address, 'reset_password')
  const done = await answerReset(server, challenge, code)
  assert.equal(done.statusCode, 200, done.body)
  assert.deepEqual(await subjectsOf(server, { user } as Person), [])
})
