// An owner comes by a provider while a squatter is at work in the account, at two servers.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, signInBy, withProvider } from '../support/providers.ts'
import { NEW_PASSWORD, QUIET } from '../support/resets.ts'

const ADA = { email: 'ada@example.com', email_verified: true }

async function placeOf(t: TestContext) {
  const people = { one: ADA, other: ADA }
  const place = await withProvider(t, people, { env: QUIET })
  const { server, url, settings } = place
  const second = await startServer(t, { url, env: settings, clock: server.clock })
  const squatter = await signedUp(server, { email: ADA.email })
  server.clock.advance(1)
  return { ...place, second, squatter }
}

const liveOf = ({ database }: TestServer, userId: string) =>
  database.client.session.findMany({ where: { userId, revokedAt: null } })

test('the tokens of the squatter are dead at the other server, too', async (t) => {
  const { server, second, provider, squatter } = await placeOf(t)
  const verify = () => call(second, 'GET /verify', undefined, bearer(squatter.access_token))
  assert.equal((await verify()).statusCode, 200)

  const owner = await signInBy(server, provider, 'one')
  await second.services.revocations.poll()

  assert.equal(owner.statusCode, 200, owner.body)
  assertProblem(await verify(), 'session_ended')
  assertProblem(await refresh(second, squatter.refresh_token), 'session_ended')
  const { access_token: token } = owner.json()
  assert.equal((await call(second, 'GET /verify', undefined, bearer(token))).statusCode, 200)
})

test('sign-ins and changes of the squatter at the same moment leave nothing', async (t) => {
  const { server, second, provider, squatter } = await placeOf(t)
  const { username, user, access_token: token } = squatter
  const login = (at: TestServer) => call(at, 'POST /login', { username, password: PASSWORD })
  const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  const back = await returned(server, provider, 'one')

  const [owner] = await Promise.all([
    answerBack(server, back),
    ...Array.from({ length: 8 }, (_, at) => login(at % 2 === 0 ? server : second)),
    call(second, 'PUT /password', change, bearer(token)),
  ])

  // A change that was quicker ends the answer; it can be given once more.
  const final = owner.statusCode === 200 ? owner : await answerBack(server, back)
  assert.equal(final.statusCode, 200, final.body)
  assert.equal(final.json().user.id, user.id)
  const live = await liveOf(server, user.id)
  assert.deepEqual(
    live.map(({ id, amr }) => [id, amr]),
    [[final.json().sessionId, 'fed']],
  )
  for (const password of [PASSWORD, NEW_PASSWORD]) {
    const answer = await call(second, 'POST /login', { username, password })
    assertProblem(answer, 'invalid_credentials')
  }
})

test('two persons with the address of one account at once: both belong to its owner', async (t) => {
  const { server, second, provider, squatter } = await placeOf(t)
  const backs = [await returned(server, provider, 'one'), await returned(second, provider, 'other')]

  const answers = await Promise.all(
    backs.map((back, at) => answerBack(at === 0 ? server : second, back)),
  )

  assert.ok(answers.some(({ statusCode }) => statusCode === 200))
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 200)) {
    assertProblem(answer, 'challenge_over')
  }
  for (const login of ['one', 'other']) {
    assert.equal((await signInBy(server, provider, login)).json().user.id, squatter.user.id)
  }
  const { client } = server.database
  assert.deepEqual([await client.user.count(), await client.identity.count()], [1, 2])
})
