// Identities of an account: added and removed by its owner, behind a recent proof.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { eventsOf } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { answerWith, codeOf } from '../support/challenges.ts'
import { mailsTo } from '../support/email.ts'
import { bearer, PASSWORD, type Person, signedIn, signedUp } from '../support/factories.ts'
import { challengeIn } from '../support/factors.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import {
  answerBack,
  begin,
  pkce,
  RETURN_TO,
  returned,
  signInBy,
  withProvider,
} from '../support/providers.ts'
import { QUIET } from '../support/resets.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const ADDING = 'add_identity'
const OLD = 800

/** People whom the provider knows, none of whom has the address of an account. */
function crowdOf(...logins: string[]) {
  return Object.fromEntries(
    logins.map((login) => [login, { email: `${login}@provider.example`, email_verified: true }]),
  )
}

async function placeOf(t: TestContext, logins = ['one', 'other']) {
  const place = await withProvider(t, crowdOf(...logins), { env: QUIET })
  const { server, provider } = place
  const add = async (person: { access_token: string }, login: string, headers = {}) => {
    const { access_token: token } = person
    const back = await returned(server, provider, login, { purpose: ADDING, token })
    return answerBack(server, back, {}, { ...bearer(token), ...headers })
  }
  return { ...place, add }
}

function list(server: TestServer, { access_token }: { access_token: string }) {
  return call(server, 'GET /identities', undefined, bearer(access_token))
}

function remove(server: TestServer, { access_token }: { access_token: string }, id: string) {
  return call(server, `DELETE /identities/${id}`, undefined, bearer(access_token))
}

function ask(server: TestServer, { access_token }: { access_token: string }) {
  const { codeChallenge } = pkce()
  const wish = { purpose: ADDING, provider: 'real', codeChallenge, returnTo: RETURN_TO }
  return call(server, 'POST /challenges', wish, bearer(access_token))
}

test('an identity is added, listed, signs in, and is removed', async (t) => {
  const { server, provider, add } = await placeOf(t)
  const person = await verifiedUser(server)
  const other = await signedIn(server, person)
  const told = (await eventsOf(server, person.user.id)).length

  const added = await add(person, 'one')
  const again = await add(person, 'one')

  assert.equal(added.statusCode, 201, added.body)
  const identity = added.json()
  const createdAt = new Date(server.clock()).toISOString()
  const shown = { provider: 'real', email: 'one@provider.example', createdAt, lastUsedAt: null }
  assert.deepEqual(identity, { id: identity.id, ...shown })
  assert.deepEqual([again.statusCode, again.json()], [201, identity])
  assert.deepEqual((await list(server, person)).json(), { items: [identity] })

  server.clock.advance(1)
  const session = await signInBy(server, provider, 'one')
  assert.deepEqual([session.statusCode, session.json().user.id], [200, person.user.id])
  const [used] = (await list(server, person)).json().items
  assert.deepEqual(used, { ...identity, lastUsedAt: new Date(server.clock()).toISOString() })

  const removed = await remove(server, person, identity.id)
  assert.equal(removed.statusCode, 204, removed.body)
  assert.deepEqual((await list(server, person)).json(), { items: [] })
  for (const ended of [other, session.json()]) {
    assertProblem(await list(server, ended), 'session_ended')
  }
  const events = (await eventsOf(server, person.user.id)).slice(told).map(({ type }) => type)
  for (const type of ['identity_added', 'identity_removed']) {
    assert.equal(events.filter((one) => one === type).length, 1, type)
  }
  const subjects = (await mailsTo(server, person.email)).map(({ subject }) => subject)
  const added1 = subjects.filter((subject) => subject.startsWith('A new way to sign in'))
  assert.equal(added1.length, 1)
  assert.ok(subjects.includes('A way to sign in to localhost:3000 was removed'))
  // The person at the provider is a stranger from now on.
  assert.equal((await signInBy(server, provider, 'one')).statusCode, 201)
})

test('an old session proves itself first', async (t) => {
  const { server } = await placeOf(t)
  const person = await verifiedUser(server)
  server.clock.advance(OLD)

  const refused = await ask(server, person)

  const { challenge } = refused.json()
  const authenticate = `, max_age=600`
  assertProblem(refused, 'step_up_required', { members: { challenge }, authenticate })
  const proof = { challenge: challenge.token, method: 'password', password: PASSWORD }
  const renewed = await call(server, 'POST /challenges/answer', proof, bearer(person.access_token))
  assert.equal(renewed.statusCode, 200, renewed.body)
  assert.equal((await ask(server, renewed.json())).statusCode, 201)
  assertProblem(await call(server, 'GET /identities'), 'unauthenticated')
  assertProblem(await ask(server, { access_token: 'x' }), 'invalid_token')
})

test('an unverified address is verified first', async (t) => {
  const { server } = await placeOf(t)
  const person = await signedUp(server)

  const refused = await ask(server, person)

  assert.equal(refused.json().code, 'step_up_required')
  const { token, purpose } = challengeIn(refused)
  assert.equal(purpose, 'verify_email')
  const headers = bearer(person.access_token)
  await answerWith(server, token, codeOf(server, token), undefined, { headers })
  assert.equal((await ask(server, person)).statusCode, 201)
})

test('only the session that began may add', async (t) => {
  const { server, provider } = await placeOf(t)
  const [person, stranger] = [await verifiedUser(server), await verifiedUser(server)]
  const other = await signedIn(server, person)
  const { access_token: token } = person
  const back = await returned(server, provider, 'one', { purpose: ADDING, token })

  assertProblem(await answerBack(server, back), 'unauthenticated')
  for (const { access_token } of [other, stranger]) {
    assertProblem(await answerBack(server, back, {}, bearer(access_token)), 'challenge_over')
  }
  assert.equal((await answerBack(server, back, {}, bearer(token))).statusCode, 201)
  assert.equal(await server.database.client.identity.count(), 1)
})

test('a session that has ended adds nothing', async (t) => {
  const { server, provider } = await placeOf(t)
  const person = await verifiedUser(server)
  const { access_token: token } = person
  const back = await returned(server, provider, 'one', { purpose: ADDING, token })
  await call(server, 'POST /logout', undefined, bearer(token))

  assertProblem(await answerBack(server, back, {}, bearer(token)), 'session_ended')
  assert.equal(await server.database.client.identity.count(), 0)
})

test('a lost answer to an addition comes again', async (t) => {
  const { server, provider } = await placeOf(t)
  const { access_token: token } = await verifiedUser(server)
  const back = await returned(server, provider, 'one', { purpose: ADDING, token })
  const headers = { ...bearer(token), 'idempotency-key': randomUUID() }

  const answers = await Promise.all(
    Array.from({ length: 5 }, () => answerBack(server, back, {}, headers)),
  )

  for (const answer of answers) assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(new Set(answers.map((answer) => answer.json().id)).size, 1)
  assert.equal(await server.database.client.identity.count(), 1)
})

test('an identity belongs to one account', async (t) => {
  const { server, add } = await placeOf(t)
  const [person, other] = [await verifiedUser(server), await verifiedUser(server)]
  await add(person, 'one')

  assertProblem(await add(other, 'one'), 'identity_taken')
  const [{ id }] = (await list(server, person)).json().items
  const detail = 'You have no identity with this id.'
  assertProblem(await remove(server, other, id), 'not_found', { detail })
  assert.equal((await list(server, person)).json().items.length, 1)
})

test('of two accounts that add it at once one gets it', async (t) => {
  const { server, add } = await placeOf(t)
  const owners: Person[] = []
  for (let at = 0; at < 4; at++) owners.push(await verifiedUser(server))

  const answers = await Promise.all(owners.map((owner) => add(owner, 'one')))

  assert.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 1)
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
    assert.ok(['identity_taken', 'challenge_over'].includes(answer.json().code), answer.body)
  }
  assert.equal(await server.database.client.identity.count(), 1)
})

test('ten are enough, also of those that come at once', async (t) => {
  const logins = Array.from({ length: 4 }, (_, at) => `p${at}`)
  const { server, provider, add } = await placeOf(t, logins)
  const person = await verifiedUser(server)
  const { identityStore } = server.services
  const facts = { issuer: 'https://other.example', provider: 'other', email: null }
  await server.database.client.$transaction(async (tx) => {
    for (let at = 0; at < 8; at++) {
      const subject = uniqueName()
      await identityStore.insert(tx, person.user.id as never, { ...facts, subject }, false)
    }
  })

  const answers = await Promise.all(logins.map((login) => add(person, login)))

  const codes = answers.map((answer) => answer.json().code ?? 'added').sort()
  assert.deepEqual(codes, ['added', 'added', 'limit_reached', 'limit_reached'])
  const detail = 'You have 10 identities; remove one first.'
  assertProblem(await ask(server, person), 'limit_reached', { detail })
  assert.equal((await list(server, person)).json().items.length, 10)
  server.clock.advance(1)
  const [known] = logins.filter((_, at) => answers[at]?.statusCode === 201)
  assert.equal((await signInBy(server, provider, known ?? '')).statusCode, 200)
})

test('a password changed meanwhile voids what was begun', async (t) => {
  const { server, provider } = await placeOf(t)
  const person = await verifiedUser(server)
  const { access_token: token } = person
  const back = await returned(server, provider, 'one', { purpose: ADDING, token })
  const change = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' }
  const changed = await call(server, 'PUT /password', change, bearer(token))
  assert.ok(changed.statusCode < 300, changed.body)
  const now = changed.body === '' ? token : (changed.json().access_token ?? token)

  assertProblem(await answerBack(server, back, {}, bearer(now)), 'challenge_over')
  assert.equal(await server.database.client.identity.count(), 0)
})

test('begun at one server, a removal reaches the other', async (t) => {
  const { server, provider, url, settings, add } = await placeOf(t)
  const other = await startServer(t, { url, env: settings, clock: server.clock })
  const person = await verifiedUser(server)
  const identity = (await add(person, 'one')).json()
  server.clock.advance(1)
  const session = (await signInBy(other, provider, 'one')).json()

  assert.equal((await remove(server, person, identity.id)).statusCode, 204)
  await other.services.revocations.poll()

  assertProblem(await list(other, session), 'session_ended')
  assert.equal((await list(other, person)).statusCode, 200)
})

test('what begins to add is nothing that signs in', async (t) => {
  const { server, provider } = await placeOf(t)
  const { access_token: token, user } = await verifiedUser(server)
  const { url } = await begin(server, { purpose: ADDING, token })
  const state = url.searchParams.get('state') ?? ''

  const back = await returned(server, provider, 'one', { purpose: ADDING, token })
  const signIn = await answerBack(server, back, { username: 'ada' }, bearer(token))

  assert.equal(signIn.statusCode, 400, signIn.body)
  assert.ok(!state.includes(user.id))
  assert.equal((await answerBack(server, back, {}, bearer(token))).json().access_token, undefined)
})
