// Who may add a factor to an account whose address somebody else may have registered (ASVS 5.0
// 6.3.7): a link that is opened elsewhere verifies the address, and vouches for no open session.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { linkTo, press } from '../support/email.ts'
import { beginAdding, enrolled, factorsOf, logIn, prove } from '../support/enrolment.ts'
import { bearer, type Opened, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { answerReset, NEW_PASSWORD, resetFor, signInWith } from '../support/resets.ts'
import { begunSignIn, verifiedUser } from '../support/sign-in-codes.ts'

// With the mails of registrations.
const env = { RATE_LIMITS: 'off' }
const ELSEWHERE = '203.0.113.9'
const ADDABLE = ['add_totp', 'add_passkey']

/** Opens a mailed link, in another network than that of the sessions. */
async function pressElsewhere(server: TestServer, challenge: string, access?: string) {
  const answer = await server.inject({
    ...{ method: 'POST', url: '/challenges/answer', remoteAddress: ELSEWHERE },
    headers: access === undefined ? {} : bearer(access),
    payload: { challenge, method: 'mail_code', code: codeOf(server, challenge) },
  })
  assert.equal(answer.statusCode, 200, answer.body)
}

async function welcomeOf(server: TestServer, { email }: { email: string }): Promise<string> {
  return (await linkTo(server, email)).challenge
}

/** The challenge that stands between a session and its first factor. */
async function refusedAdding(server: TestServer, session: Opened, purpose = 'add_totp') {
  const answer = await beginAdding(server, session, purpose)
  const { challenge } = answer.json()
  const detail = 'Verify your e-mail address first: a code is on its way to it.'
  assertProblem(answer, 'step_up_required', { detail, members: { challenge } })
  assert.deepEqual(challenge.methods, ['mail_code'])
  return challenge.token as string
}

const codeOf = ({ services }: TestServer, token: string) => services.challenges.codeOf(token) ?? ''
const byMail = { method: 'mail_code' }

async function reset(server: TestServer, { email }: Person): Promise<void> {
  const token = await resetFor(server, email)
  const answer = await answerReset(server, token, codeOf(server, token))
  assert.equal(answer.statusCode, 200, answer.body)
}

async function mayAdd(server: TestServer, session: Opened): Promise<boolean> {
  return (await beginAdding(server, session)).statusCode === 201
}

/** An account that a stranger has registered, and whose address its owner has verified. */
async function registeredByStranger(server: TestServer): Promise<Person> {
  const stranger = await signedUp(server)
  await pressElsewhere(server, await welcomeOf(server, stranger))
  return stranger
}

test('a stranger who registered the address adds no factor after its owner has verified it', async (t) => {
  const server = await startServer(t, { env })
  const stranger = await registeredByStranger(server)

  const tokens: string[] = []
  for (const purpose of ADDABLE) tokens.push(await refusedAdding(server, stranger, purpose))
  const again = (await logIn(server, stranger.username)).json<Opened>()
  const last = await refusedAdding(server, again)

  // The owner opens the link of the mail that the stranger has caused.
  await pressElsewhere(server, last)
  await refusedAdding(server, stranger)
  await reset(server, stranger)
  const mine = await signInWith(server, stranger.username, NEW_PASSWORD)
  assert.equal(mine.statusCode, 200, mine.body)
  const { items } = (await factorsOf(server, mine.json())).json()
  assert.deepEqual(items, [])
  assert.equal(await mayAdd(server, mine.json()), true)
  for (const open of tokens) {
    const late = await prove(server, open, codeOf(server, open), byMail)
    assertProblem(late, 'challenge_over')
  }
})

test('an owner who opened the link on the phone types one code, and keeps the app after a reset', async (t) => {
  const server = await startServer(t, { env })
  const person = await signedUp(server)
  await pressElsewhere(server, await welcomeOf(server, person))
  const me = await call(server, 'GET /me', undefined, bearer(person.access_token))
  assert.equal(me.json().emailVerified, true)

  const token = await refusedAdding(server, person)
  const access = person.access_token
  const typed = await prove(server, token, codeOf(server, token), { ...byMail, access })

  assert.equal(typed.statusCode, 200, typed.body)
  const owner = await enrolled(server, person)
  server.clock.advance(60)
  await reset(server, owner)
  const login = await signInWith(server, owner.username, NEW_PASSWORD)
  assert.equal(login.json().code, 'second_factor_required', login.body)
})

test('a link that is opened where the account has a session vouches for it, and so does a code typed in one', async (t) => {
  const server = await startServer(t, { env })
  const [near, typing] = [await signedUp(server), await signedUp(server)]

  assert.equal((await press(server, await linkTo(server, near.email))).statusCode, 200)
  await pressElsewhere(server, await welcomeOf(server, typing), typing.access_token)

  assert.deepEqual([await mayAdd(server, near), await mayAdd(server, typing)], [true, true])
})

test('the token of another account, or of an ended session, vouches for nothing', async (t) => {
  const server = await startServer(t, { env })
  const [first, second, third] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  await call(server, 'POST /logout', undefined, bearer(second.access_token))

  await pressElsewhere(server, await welcomeOf(server, first), third.access_token)
  await pressElsewhere(server, await welcomeOf(server, second), second.access_token)
  await pressElsewhere(server, await welcomeOf(server, third), 'no.token.at-all')

  await refusedAdding(server, first)
  await refusedAdding(server, (await logIn(server, second.username)).json())
  await refusedAdding(server, third)
})

test('a session that a mailed code has opened adds a factor, and vouches for no other one', async (t) => {
  const server = await startServer(t, { env: { ...env, SIGN_IN_BY_MAIL: 'on' } })
  const stranger = await registeredByStranger(server)
  const { token, code } = await begunSignIn(server, stranger.email)
  const owner = (await prove(server, token, code, byMail)).json<Opened>()

  assert.equal(await mayAdd(server, owner), true)

  const mailed = await call(
    server,
    'POST /challenges',
    { purpose: 'verify_email' },
    bearer(owner.access_token),
  )
  assert.equal(mailed.statusCode, 201, mailed.body)
  await pressElsewhere(server, mailed.json().token, owner.access_token)
  await refusedAdding(server, stranger)
})

test('a new address whose link is opened elsewhere is that of somebody else until a code is typed', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)
  assert.equal(await mayAdd(server, person), true)
  const body = { email: `new-${person.email}`, currentPassword: PASSWORD }
  const asked = await call(server, 'PATCH /me', body, bearer(person.access_token))
  assert.equal(asked.statusCode, 200, asked.body)

  await pressElsewhere(server, await welcomeOf(server, body))

  const token = await refusedAdding(server, person)
  const access = person.access_token
  await prove(server, token, codeOf(server, token), { ...byMail, access })
  assert.equal(await mayAdd(server, person), true)
})
