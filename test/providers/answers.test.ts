// What the client that began gets: one session for one answer, however often it is sent.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import { wrongProof } from '../support/email.ts'
import { bearer } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { answerBack, pkce, returned, signInBy, withProvider } from '../support/providers.ts'
import { statuses } from '../support/races.ts'

const ADA = { email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }
const key = () => ({ 'idempotency-key': randomUUID() })

test('five wrong verifiers end an answer, and tell nothing', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const back = await returned(server, provider, 'one')
  const guess = () => answerBack(server, { ...back, codeVerifier: pkce().codeVerifier })

  for (const left of [4, 3, 2, 1, 0]) {
    assertProblem(await guess(), 'invalid_credentials', wrongProof(left))
  }

  assertProblem(await guess(), 'challenge_over')
  assertProblem(await answerBack(server, back), 'challenge_over')
  assert.equal(await server.database.client.user.count(), 0)
})

test('a verifier is needed, and nothing that means nothing is taken', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const back = await returned(server, provider, 'one')

  const { challenge } = back
  const without = await call(server, 'POST /challenges/answer', { challenge, method: 'oidc' })
  assertFaults(without, ['/codeVerifier required'])
  for (const name of ['newPassword', 'name']) {
    const more = { [name]: 'a quite different sentence' }
    assertFaults(await answerBack(server, back, more), [`/${name} not_allowed`])
  }
  assert.equal((await answerBack(server, back)).statusCode, 201)
})

test('a lost answer comes again to its key, for a new account and for a known one', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  for (const status of [201, 200]) {
    const [back, headers] = [await returned(server, provider, 'one'), key()]

    const first = await answerBack(server, back, {}, headers)
    const again = await answerBack(server, back, {}, headers)

    assert.deepEqual([first.statusCode, again.statusCode], [status, status], first.body)
    const [one, other] = [first.json(), again.json()]
    const same = ({ sessionId, user, message }: typeof one) => ({ sessionId, user, message })
    assert.deepEqual(same(other), same(one))
    const { access_token: token } = other
    assert.equal((await call(server, 'GET /verify', undefined, bearer(token))).statusCode, 200)
    assertProblem(await answerBack(server, back, {}, key()), 'challenge_over')
    assertProblem(await answerBack(server, back), 'challenge_over')
    const wrong = { ...back, codeVerifier: pkce().codeVerifier }
    assertProblem(await answerBack(server, wrong, {}, headers), 'challenge_over')
    server.clock.advance(1)
  }
  const { client } = server.database
  assert.deepEqual([await client.user.count(), await client.session.count()], [1, 2])
})

for (const isNew of [true, false]) {
  test(`of twenty answers at once one has an effect: ${isNew ? 'new' : 'known'}`, async (t) => {
    const { server, provider } = await withProvider(t, { one: ADA })
    if (!isNew) await signInBy(server, provider, 'one')
    server.clock.advance(1)
    const back = await returned(server, provider, 'one')
    const before = await server.database.client.session.count()

    const answers = await Promise.all(Array.from({ length: 20 }, () => answerBack(server, back)))

    const { client } = server.database
    assert.equal(await client.session.count(), before + 1)
    assert.deepEqual([await client.user.count(), await client.identity.count()], [1, 1])
    assert.deepEqual(statuses(answers), { [isNew ? 201 : 200]: 1, '410 challenge_over': 19 })
  })
}

test('twenty answers with one key get one session', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const [back, headers] = [await returned(server, provider, 'one'), key()]

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => answerBack(server, back, {}, headers)),
  )

  assert.deepEqual(statuses(answers), { 201: 20 })
  assert.equal(new Set(answers.map((answer) => answer.json().sessionId)).size, 1)
  assert.deepEqual(await auditTypes(server), ['identity_added', 'registered', 'signed_in'])
})

/** What a person may read who was not the first: nothing is broken, and another try helps. */
const CLEAN = ['challenge_over', 'unavailable']

test('first sign-ins of one person at once, at two servers, make one account', async (t) => {
  const { server, provider, url, settings } = await withProvider(t, { one: ADA })
  const { clock } = server
  const other = await startServer(t, { url, env: settings, clock })
  const servers = [server, other, server, other, server, other]
  const backs = await Promise.all(
    servers.map(async (at) => ({ at, back: await returned(at, provider, 'one') })),
  )

  const answers = await Promise.all(backs.map(({ at, back }) => answerBack(at, back)))

  const { client } = server.database
  assert.deepEqual([await client.user.count(), await client.identity.count()], [1, 1])
  assert.ok(answers.some(({ statusCode }) => statusCode === 201))
  const refused = answers.filter(({ statusCode }) => ![200, 201].includes(statusCode))
  for (const answer of refused) assert.ok(CLEAN.includes(answer.json().code), answer.body)
  clock.advance(1)
  for (const { at } of backs) assert.equal((await signInBy(at, provider, 'one')).statusCode, 200)
})

test('a callback and its answer may come to another server', async (t) => {
  const { server, provider, url, settings } = await withProvider(t, { one: ADA })
  const other = await startServer(t, { url, env: settings, clock: server.clock })
  const back = await returned(server, provider, 'one', {}, other)

  const answer = await answerBack(server, back)

  assert.equal(answer.statusCode, 201, answer.body)
  assertProblem(await answerBack(other, back), 'challenge_over')
})

test('subjects are compared exactly', async (t) => {
  const subjects = ['one', 'ONE', 'One', 'öne', 'one.', 'o ne']
  const people = Object.fromEntries(
    subjects.map((subject, at) => [subject, { ...ADA, email: `person${at}@example.com` }]),
  )
  const { server, provider } = await withProvider(t, people)

  for (const subject of subjects) {
    assert.equal((await signInBy(server, provider, subject)).statusCode, 201, subject)
  }

  const { identityStore } = server.services
  const { issuer } = provider
  for (const subject of ['one ', ' one', 'öNE', 'oné']) {
    assert.equal(await identityStore.find({ issuer, subject }), undefined, subject)
  }
  assert.equal(await identityStore.find({ issuer: `${issuer}/`, subject: 'one' }), undefined)
})
