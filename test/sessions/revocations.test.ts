import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createRevocations, NO_GENERATION } from '../../src/features/tokens/revocations.ts'
import type { Statements } from '../../src/platform/database/statements.ts'
import type { SessionId } from '../../src/platform/ids.ts'
import { call } from '../support/answers.ts'
import { aSession } from '../support/databases.ts'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

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
  'a disabled account': (server, person) => operator(server).disable(person.username),
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

  await operator(here).changeRole(person.username, 'admin')
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

test('the feed is polled: the other server refuses without a message', async (t) => {
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

test('an ended session is refused until its last token has expired, then forgotten', async (t) => {
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

test('a server that starts knows what ended as long ago as a token lives', async (t) => {
  const { here, url, clock } = await startTwo(t)
  const person = await signedUp(here)
  const [ended, renewed, promoted] = [
    await signedIn(here, person),
    await signedUp(here),
    await signedUp(here),
  ]
  await call(here, `DELETE /sessions/${ended.sessionId}`, undefined, bearer(person.access_token))
  const change = { currentPassword: PASSWORD, newPassword: 'a wholly different phrase' }
  await call(here, 'PUT /password', change, bearer(renewed.access_token))
  await operator(here).changeRole(promoted.username, 'admin')

  clock.advance(898)
  const restarted = await startServer(t, { url, clock })

  assert.equal((await verify(restarted, person)).statusCode, 200)
  assertProblem(await verify(restarted, ended), 'session_ended')
  assertProblem(await verify(restarted, renewed), 'token_expired')
  assertProblem(await verify(restarted, promoted), 'token_expired')
})

test('a changed role is remembered until the last token with the old one has expired, then forgotten', async (t) => {
  const server = await startServer(t)
  const { username, user } = await signedUp(server)
  const { revocations } = server.services
  const administration = operator(server)
  await administration.changeRole(username, 'admin')

  const known: boolean[] = []
  for (const seconds of [899, 1000]) {
    server.clock.advance(seconds)
    await revocations.poll()
    known.push(revocations.hasOtherRole(user.id, 'user'))
  }

  assert.deepEqual(known, [true, false])
})

test('the feed is as old as its last reading, and a reading that fails makes it no younger', async (t) => {
  const { database } = await startServer(t)
  const clock = testClock()
  const isAway = new Error('away')
  let { select } = database.statements
  const statements: Pick<Statements, 'select'> = { select: (statement) => select(statement) }
  const revocations = createRevocations({ clock, accessSeconds: 900, statements })

  await revocations.poll()
  clock.advance(90)
  const late = revocations.lagSeconds()
  select = () => Promise.reject(isAway)
  await assert.rejects(revocations.poll(), isAway)
  const failed = revocations.lagSeconds()
  select = database.statements.select
  await revocations.poll()

  assert.deepEqual([late, failed, revocations.lagSeconds()], [90, 90, 0])
})

test('the feed reads on behind its first page, also among rows of one moment', async (t) => {
  const { here, clock } = await startTwo(t)
  const moments = [0, 1, 2].map((second) => new Date(clock() - 2000 + second * 1000))
  const rows = Array.from({ length: 6000 }, (_, at) => {
    return { ...aSession(''), userId: null, revokedAt: moments[Math.floor(at / 2000)] ?? null }
  })
  await here.database.client.session.createMany({ data: rows })

  await here.services.revocations.poll()

  const { lowestLivingOf } = here.services.revocations
  const missed = rows.filter(({ id }) => lowestLivingOf(id as SessionId) !== NO_GENERATION)
  assert.equal(missed.length, 0)
})

test('an ended session is remembered until the tokens of a server whose clock is ahead have expired', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const ahead = testClock(clock() + 9000)
  const here = await startServer(t, { url, clock })
  const there = await startServer(t, { url, clock: ahead })
  const person = await signedUp(there)
  const [ended, bystander] = [await signedIn(there, person), await signedIn(there, person)]
  await call(here, 'POST /logout', undefined, bearer(ended.access_token))

  clock.advance(904)
  await here.services.revocations.poll()

  // The token lives on, by the clock here.
  assert.equal((await verify(here, bystander)).statusCode, 200)
  assertProblem(await verify(here, ended), 'session_ended')
  assertProblem(await verify(await startServer(t, { url, clock }), ended), 'session_ended')
})

test('a session that ended by a clock that is behind is found by the feed all the same', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const behind = testClock(clock() - 9000)
  const here = await startServer(t, { url, clock })
  const there = await startServer(t, { url, clock: behind })
  const person = await signedUp(there)
  await here.services.revocations.poll()
  const before = await verify(here, person)

  await call(there, 'POST /logout', undefined, bearer(person.access_token))
  await here.services.revocations.poll()

  assert.equal(before.statusCode, 200)
  assertProblem(await verify(here, person), 'session_ended')
})

test('a clock that jumps forth and back revives nothing that has ended', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { revocations } = server.services
  const administration = operator(server)
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

test('a server that starts a whole token later still refuses what was revoked before', async (t) => {
  const { here, url, clock } = await startTwo(t)
  const person = await signedUp(here)
  await call(here, 'POST /logout', undefined, bearer(person.access_token))
  clock.advance(898)

  const restarted = await startServer(t, { url, clock })

  assertProblem(await verify(restarted, person), 'session_ended')
})

test('what was revoked is remembered a minute longer than a token lives, for clocks that are behind', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { revocations } = server.services
  await call(server, 'POST /logout', undefined, bearer(person.access_token))
  const before = revocations.lowestLivingOf(person.sessionId)

  server.clock.advance(900 + 59)
  await revocations.poll()

  assert.ok(before > 0)
  assert.equal(revocations.lowestLivingOf(person.sessionId), before)
})
