// A recent proof before a sensitive step (RFC 9470; ASVS 5.0 6.8.4, 7.2.4, 7.5.1, 7.5.3).
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { bearer, ORIGIN, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import {
  answerByApp,
  challengeIn,
  giveApp,
  personWithApp,
  shownCode,
  signedInByApp,
} from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { vault } from '../support/vault.ts'

const env = { ACCESS_TOKEN_TTL: '12h' }
const open = (t: TestContext) => startServer(t, { env, features: [vault] })
const unlock = (server: TestServer, token: string | undefined, path = 'vault') =>
  call(server, `POST /${path}`, {}, bearer(token))

test('a step soon after the sign-in needs no further proof, and one later does', async (t) => {
  const server = await open(t)
  const person = await signedUp(server)

  server.clock.advance(600)
  assert.equal((await unlock(server, person.access_token)).statusCode, 200)
  server.clock.advance(1)
  const refused = await unlock(server, person.access_token)

  const challenge = challengeIn(refused)
  assertProblem(refused, 'step_up_required', {
    authenticate: ', max_age=600',
    members: { challenge },
  })
  const { token, ...view } = challenge
  assert.deepEqual(view, { purpose: 'step_up', methods: ['password'], expiresIn: 600 })
})

test('the password renews the session, and kills its older tokens', async (t) => {
  const server = await open(t)
  const person = await signedUp(server)
  server.clock.advance(3600)
  const { token } = challengeIn(await unlock(server, person.access_token))

  const wrong = await answerByPassword(server, token, 'not the password of it', person)
  const answer = await answerByPassword(server, token, PASSWORD, person)

  assertProblem(wrong, 'invalid_credentials', {
    ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 4 } },
  })
  assert.equal(answer.statusCode, 200, answer.body)
  const session = answer.json()
  assert.equal(session.sessionId, person.sessionId)
  assert.equal((await unlock(server, session.access_token)).statusCode, 200)
  assertProblem(await unlock(server, person.access_token), 'token_expired')
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  assert.equal((await refresh(server, session.refresh_token)).statusCode, 200)
  assert.ok((await auditEntries(server)).some(({ type }) => type === 'stepped_up'))
})

test('only the session that it was asked of answers, and nobody without its token', async (t) => {
  const server = await open(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  server.clock.advance(3600)
  const { token } = challengeIn(await unlock(server, person.access_token))

  assertProblem(await answerByPassword(server, token, PASSWORD, other), 'challenge_over')
  const body = { challenge: token, method: 'password', password: PASSWORD }
  assertProblem(await call(server, 'POST /challenges/answer', body), 'unauthenticated')
  assert.equal((await answerByPassword(server, token, PASSWORD, person)).statusCode, 200)
})

test('an account with a second factor has to show it, and the password is not enough', async (t) => {
  const server = await open(t)
  const person = await giveApp(server, await signedUp(server))

  const refused = await unlock(server, person.access_token)
  const challenge = challengeIn(refused)
  assertProblem(refused, 'step_up_required', {
    authenticate: ', max_age=600, acr_values="aal2"',
    members: { challenge },
  })
  assert.deepEqual(challenge.methods, ['totp'])
  const answer = await answerByApp(server, challenge.token, shownCode(server, person), {
    headers: bearer(person.access_token),
  })

  const { access_token } = answer.json()
  assert.equal((await unlock(server, access_token)).statusCode, 200)
  const { amr, acr } = (await call(server, 'GET /verify', undefined, bearer(access_token))).json()
  assert.deepEqual([amr, acr], [['pwd', 'otp', 'mfa'], 'aal2'])
})

test('two factors of an earlier day are not a recent proof', async (t) => {
  const server = await open(t)
  const person = await personWithApp(server)
  const { access_token } = (await signedInByApp(server, person)).json()
  assert.equal((await unlock(server, access_token, 'safe')).statusCode, 200)

  server.clock.advance(601)

  for (const path of ['vault', 'safe']) {
    const { methods } = challengeIn(await unlock(server, access_token, path))
    assert.deepEqual(methods, ['totp'])
  }
})

test('a route for two factors tells an account without one to add it', async (t) => {
  const server = await open(t)
  const person = await signedUp(server)

  assertProblem(await unlock(server, person.access_token, 'safe'), 'second_factor_missing')
})

test('in cookie transport the new refresh token is in the cookie, for allowed origins', async (t) => {
  const server = await open(t)
  const person = await signedUp(server, { transport: 'cookie' })
  server.clock.advance(3600)
  const { token } = challengeIn(await unlock(server, person.access_token))
  const body = { challenge: token, method: 'password', password: PASSWORD }
  const headers = bearer(person.access_token)

  const foreign = { ...headers, origin: 'https://evil.example' }
  const refused = await call(server, 'POST /challenges/answer', body, foreign)
  assert.equal(refused.json().code, 'csrf_rejected')
  const answer = await call(server, 'POST /challenges/answer', body, { ...headers, origin: ORIGIN })

  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().refresh_token, undefined)
  assert.ok(answer.cookies.some(({ name, httpOnly }) => name === 'latchkey-refresh' && httpOnly))
})

test('a change of the password, and the end of the session, end its challenge', async (t) => {
  const server = await open(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  server.clock.advance(3600)
  const [one, two] = [
    challengeIn(await unlock(server, person.access_token)),
    challengeIn(await unlock(server, other.access_token)),
  ]
  await call(server, 'POST /logout', undefined, bearer(other.access_token))
  assertProblem(await answerByPassword(server, two.token, PASSWORD, other), 'session_ended')

  const { client } = server.database
  const where = { id: person.user.id }
  await client.user.update({ where, data: { credentialVersion: { increment: 1 } } })
  assertProblem(await answerByPassword(server, one.token, PASSWORD, person), 'challenge_over')
})

test('a lost answer comes again, though it has made the token of its request old', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { env, features: [vault], url })
  const other = await startServer(t, { env, features: [vault], url, clock: server.clock })
  const person = await personWithApp(server)
  const signedInBefore = await signedInByApp(server, person)
  const { access_token } = signedInBefore.json()
  server.clock.advance(3600)
  const { token } = challengeIn(await unlock(server, access_token))
  const code = shownCode(server, person)
  const send = (to: TestServer, key: string, access = access_token) =>
    answerByApp(to, token, code, { headers: { ...bearer(access), 'idempotency-key': key } })

  const lost = await send(server, 'one')
  assert.equal(lost.statusCode, 200, lost.body)
  for (const to of [server, other]) {
    const again = await send(to, 'one')
    assert.equal(again.statusCode, 200, again.body)
    assert.equal((await unlock(to, again.json().access_token)).statusCode, 200)
  }

  assertProblem(await send(server, 'two'), 'challenge_over')
  const stranger = (await signedUp(server)).access_token
  assertProblem(await send(server, 'one', stranger), 'challenge_over')
  const old = await unlock(server, access_token)
  assert.equal(old.json().code, 'token_expired')
  await call(server, 'POST /logout', undefined, bearer(lost.json().access_token))
  assertProblem(await send(server, 'one'), 'session_ended')
})

function answerByPassword(
  server: TestServer,
  challenge: string,
  password: string,
  { access_token }: { access_token: string },
) {
  const body = { challenge, method: 'password', password }
  return call(server, 'POST /challenges/answer', body, bearer(access_token))
}

const changes = {
  'PUT /password': { currentPassword: PASSWORD, newPassword: 'violet harbour lantern' },
  'PATCH /me': { currentPassword: PASSWORD, username: 'another-name' },
  'DELETE /me': { currentPassword: PASSWORD },
}
for (const [line, body] of Object.entries(changes)) {
  test(`${line} of an account with a second factor asks for it, and of another does not`, async (t) => {
    const server = await open(t)
    const plain = await signedUp(server)
    server.clock.advance(3600)
    const person = await personWithApp(server)

    const refused = await call(server, line, body, bearer(person.access_token))
    assert.equal(refused.json().code, 'step_up_required', refused.body)
    const { access_token } = (await signedInByApp(server, person)).json()
    const allowed = await call(server, line, body, bearer(access_token))
    assert.ok(allowed.statusCode < 300, allowed.body)
    if (line === 'PUT /password') {
      // The new session has the time of the password, and so no second factor that is older.
      const { access_token: newer } = allowed.json()
      assert.equal((await unlock(server, newer, 'safe')).json().code, 'step_up_required')
    }
    if (line !== 'PATCH /me') {
      const other = await call(server, line, body, bearer(plain.access_token))
      assert.ok(other.statusCode < 300, other.body)
    }
  })
}
