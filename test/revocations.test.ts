import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from './answers.ts'
import { freshDatabase, startServer, type TestServer, testClock } from './helper.ts'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from './people.ts'
import { assertProblem } from './problems.ts'

const verify = (server: TestServer, { access_token }: Opened) =>
  call(server, 'GET /verify', undefined, bearer(access_token))

/** Two servers on one database and clock. */
async function startTwo(t: TestContext) {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const here = await startServer(t, { url, clock })
  return { here, there: await startServer(t, { url, clock }), url, clock }
}

type End = (server: TestServer, person: Person, other: Opened) => Promise<unknown>

const ends: Record<string, End> = {
  'a logout': (server, _person, other) =>
    call(server, 'POST /logout', undefined, bearer(other.access_token)),
  'a revocation': (server, person, other) =>
    call(server, `DELETE /sessions/${other.sessionId}`, undefined, bearer(person.access_token)),
  'a revocation of all others': (server, person) =>
    call(server, 'DELETE /sessions', undefined, bearer(person.access_token)),
  'a change of password': (server, person) => {
    const body = { currentPassword: PASSWORD, newPassword: 'a wholly different phrase' }
    return call(server, 'PUT /password', body, bearer(person.access_token))
  },
  'a deletion': (server, person) =>
    call(server, 'DELETE /me', { currentPassword: PASSWORD }, bearer(person.access_token)),
  'a disabled account': (server, person) => server.services.administration.disable(person.username),
  'a reused refresh token': async (server, _person, other) => {
    const next = (await refresh(server, other.refresh_token)).json<Opened>()
    server.clock.advance(31)
    await refresh(server, next.refresh_token)
    assertProblem(await refresh(server, other.refresh_token), 'session_ended')
  },
}

for (const [what, end] of Object.entries(ends)) {
  test(`${what} on one server is known to the other by its feed, and after a restart`, async (t) => {
    const { here, there, url, clock } = await startTwo(t)
    const person = await signedUp(here)
    const other = await signedIn(here, person)
    const bystander = await signedUp(here)
    const before = await verify(there, other)
    clock.advance(1)

    await end(here, person, other)
    const atOnce = await verify(here, other)
    await there.services.revocations.poll()
    const afterFeed = await verify(there, other)
    const restarted = await startServer(t, { url, clock })

    assert.equal(before.statusCode, 200)
    assertProblem(atOnce, 'session_ended')
    assertProblem(afterFeed, 'session_ended')
    assertProblem(await verify(restarted, other), 'session_ended')
    for (const server of [here, there, restarted]) {
      assert.equal((await verify(server, bystander)).statusCode, 200)
    }
  })
}

test('a change of role on one server expires the tokens on the other by its feed', async (t) => {
  const { here, there, url, clock } = await startTwo(t)
  const person = await signedUp(here)
  clock.advance(1)

  await here.services.administration.changeRole(person.username, 'admin')
  await there.services.revocations.poll()
  const afterFeed = await verify(there, person)
  const restarted = await startServer(t, { url, clock })
  const fresh = (await refresh(there, person.refresh_token)).json<Opened>()

  assertProblem(afterFeed, 'token_expired')
  assertProblem(await verify(restarted, person), 'token_expired')
  for (const server of [here, there, restarted]) {
    assert.equal((await verify(server, fresh)).headers['x-user-role'], 'admin')
  }
})

test('the feed comes by itself: the other server refuses without being told', async (t) => {
  const { here, there, clock } = await startTwo(t)
  const person = await signedUp(here)
  clock.advance(1)
  await call(here, 'POST /logout', undefined, bearer(person.access_token))

  const deadline = Date.now() + 30_000
  let response = await verify(there, person)
  while (response.statusCode === 200 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    response = await verify(there, person)
  }

  assertProblem(response, 'session_ended')
})

test('an ended session is refused until its last token is over, then forgotten', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { revocations } = server.services
  await call(server, 'POST /logout', undefined, bearer(person.access_token))

  server.clock.advance(899)
  await revocations.poll()
  const late = await verify(server, person)
  server.clock.advance(120)
  await revocations.poll()

  assertProblem(late, 'session_ended')
  assert.equal(revocations.lowestLivingOf(person.sessionId), 0)
  assertProblem(await verify(server, person), 'token_expired')
})

test('a clock that jumps forth and back revives nothing that has ended', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { revocations, administration } = server.services
  const demoted = await signedUp(server)
  await administration.changeRole(demoted.username, 'admin')
  await call(server, 'POST /logout', undefined, bearer(person.access_token))

  server.clock.advance(3600)
  await revocations.poll()
  server.clock.advance(-3600)
  await revocations.poll()

  assertProblem(await verify(server, person), 'session_ended')
  assertProblem(await verify(server, demoted), 'token_expired')
})
