// A new proof of identity in a session: every older token of it is dead, none of them is a theft.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { auditTypes, call, liveSessions, withCookie } from '../support/answers.ts'
import {
  bearer,
  cookieOf,
  type Opened,
  ORIGIN,
  PASSWORD,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { writeNotes } from '../support/seen.ts'
import { es256, less, startForge } from '../support/token-forging.ts'

const NEW_PASSWORD = 'a quite different sentence'

const verify = (server: TestServer, { access_token }: Opened) =>
  call(server, 'GET /verify', undefined, bearer(access_token))

async function refreshed(server: TestServer, { refresh_token }: Opened): Promise<Opened> {
  const response = await refresh(server, refresh_token)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Opened>()
}

function changePassword(server: TestServer, { access_token }: Opened) {
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  return call(server, 'PUT /password', body, { ...bearer(access_token), origin: ORIGIN })
}

async function renewed(server: TestServer, opened: Opened): Promise<Opened> {
  const response = await changePassword(server, opened)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Opened>()
}

async function isEnded(server: TestServer, { sessionId }: Opened): Promise<boolean> {
  const row = await server.database.client.session.findUniqueOrThrow({ where: { id: sessionId } })
  return row.revokedAt !== null
}

/** What somebody else may hold of the session when its owner changes the password. */
const held: Record<string, (server: TestServer, person: Person) => Promise<[Opened, Opened]>> = {
  'the current tokens': async (_server, person) => [person, person],
  'the current tokens, after a rotation': async (server, person) => {
    const next = await refreshed(server, person)
    return [next, next]
  },
  'the predecessor of a token that nobody has seen': async (server, person) => {
    return [await refreshed(server, person), person]
  },
  'a token two rotations old': async (server, person) => {
    const next = await refreshed(server, person)
    server.clock.advance(31)
    return [await refreshed(server, next), person]
  },
}

for (const [what, hold] of Object.entries(held)) {
  for (const later of [0, 31, 3600]) {
    test(`after PUT /password ${what} open nothing ${later} s later, and end nothing`, async (t) => {
      const server = await startServer(t)
      const [owner, thief] = await hold(server, await signedUp(server))
      const fresh = await renewed(server, owner)
      server.clock.advance(later)

      const refused = await refresh(server, thief.refresh_token)

      assertProblem(refused, 'session_ended')
      assertProblem(await verify(server, thief), 'token_expired')
      assert.equal(await isEnded(server, owner), false)
      assert.ok(!(await auditTypes(server)).includes('refresh_token_reused'))
      const next = await refreshed(server, fresh)
      assert.equal(next.refreshed, 'rotated')
      assert.deepEqual(await liveSessions(server, next.access_token), [owner.sessionId])
    })
  }
}

test('refreshes with a token from before PUT /password use up nothing of the owner', async (t) => {
  const server = await startServer(t)
  const thief = await signedUp(server)
  const fresh = await renewed(server, thief)

  const codes: string[] = []
  for (let time = 0; time < 121; time++) {
    codes.push((await refresh(server, thief.refresh_token)).json().code)
  }

  assert.deepEqual(codes.slice(119), ['session_ended', 'rate_limited'])
  assert.equal((await refreshed(server, fresh)).refreshed, 'rotated')
})

test('the Idempotency-Key of a rotation replays nothing across PUT /password', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const key = { 'idempotency-key': 'one' }
  const first = (await refresh(server, person.refresh_token, key)).json<Opened>()
  const fresh = await renewed(server, first)

  for (const { refresh_token } of [person, first]) {
    assertProblem(await refresh(server, refresh_token, key), 'session_ended')
  }

  assert.equal((await refresh(server, fresh.refresh_token, key)).json().refreshed, 'rotated')
})

test('PUT /password opens no window: the next refresh rotates at once, and opens one', async (t) => {
  const server = await startServer(t)
  const fresh = await renewed(server, await refreshed(server, await signedUp(server)))

  const next = await refreshed(server, fresh)
  const again = await refreshed(server, next)
  const late = await refreshed(server, fresh)

  assert.deepEqual(
    [next, again, late].map(({ refreshed }) => refreshed),
    ['rotated', 'replayed', 'replayed'],
  )
  assert.equal(late.refresh_token, next.refresh_token)
})

test('after PUT /password another tab with the new cookie refreshes and stays signed in', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  const response = await changePassword(server, person)

  const otherTab = await verify(server, person)
  const next = await call(server, 'POST /refresh', undefined, withCookie(cookieOf(response)))

  assertProblem(otherTab, 'token_expired')
  assert.equal(otherTab.json().action, 'refresh')
  assert.equal((await verify(server, next.json<Opened>())).statusCode, 200)
})

test('an access token from before PUT /password still names its session at sign-out', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const fresh = await renewed(server, person)

  await call(server, 'POST /logout', undefined, bearer(person.access_token))

  assertProblem(await verify(server, fresh), 'session_ended')
})

test('a renewal after a renewal, and an end after both, are all known', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await renewed(server, person)
  const back = { currentPassword: NEW_PASSWORD, newPassword: PASSWORD }
  const response = await call(server, 'PUT /password', back, bearer(first.access_token))
  const second = response.json<Opened>()

  assertProblem(await verify(server, person), 'token_expired')
  assertProblem(await verify(server, first), 'token_expired')
  assert.equal((await verify(server, second)).statusCode, 200)
  await call(server, 'POST /logout', undefined, bearer(second.access_token))
  for (const opened of [person, first, second]) {
    assertProblem(await verify(server, opened), 'session_ended')
  }
})

/** Two servers on one database and clock. */
async function startTwo(t: TestContext) {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const here = await startServer(t, { url, clock })
  return { here, there: await startServer(t, { url, clock }), url, clock }
}

test('a renewal on one server is known to the other by its feed, and after a restart', async (t) => {
  const { here, there, url, clock } = await startTwo(t)
  const person = await signedUp(here)
  const bystander = await signedUp(here)
  assert.equal((await verify(there, person)).statusCode, 200)
  clock.advance(1)

  const fresh = await renewed(here, person)
  await there.services.revocations.poll()
  clock.advance(850)
  const restarted = await startServer(t, { url, clock })

  for (const server of [here, there, restarted]) {
    assertProblem(await verify(server, person), 'token_expired')
    assert.equal((await verify(server, fresh)).statusCode, 200)
    assert.equal((await verify(server, bystander)).statusCode, 200)
  }
})

test('a session that ends after its renewal on another server stays ended in any order of reads', async (t) => {
  const { here, there, clock } = await startTwo(t)
  const person = await signedUp(here)
  clock.advance(1)
  const fresh = await renewed(here, person)
  await call(here, 'POST /logout', undefined, bearer(fresh.access_token))

  for (let turn = 0; turn < 3; turn++) await there.services.revocations.poll()

  assertProblem(await verify(there, fresh), 'session_ended')
})

test('what is remembered of a renewal is forgotten once its last dead token has expired', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { revocations } = server.services
  await renewed(server, person)
  assert.equal(revocations.lowestLivingOf(person.sessionId), 2)

  server.clock.advance(1000)
  await revocations.poll()

  assert.equal(revocations.lowestLivingOf(person.sessionId), 0)
})

test('a token without gen, from an older version, works until its session is renewed', async (t) => {
  const { server, person, header, claims, privatePem } = await startForge(t)
  const old = es256(header, less(claims, 'gen'), privatePem)
  server.clock.advance(60)

  const before = await call(server, 'GET /verify', undefined, bearer(old))
  await writeNotes(server)
  await renewed(server, person)
  const after = await call(server, 'GET /verify', undefined, bearer(old))

  assert.equal(before.statusCode, 200)
  assertProblem(after, 'token_expired')
})

test('PUT /password in a session that is revoked while it hashes renews nothing and changes nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const second = (await signedIn(server, person)) as Opened
  const before = await server.database.client.user.findFirstOrThrow()
  const { passwords } = server.services
  const { hash } = passwords
  t.mock.method(passwords, 'hash', async (...of: Parameters<typeof hash>) => {
    const path = `DELETE /sessions/${person.sessionId}`
    assert.equal((await call(server, path, undefined, bearer(second.access_token))).statusCode, 204)
    return hash(...of)
  })

  const response = await changePassword(server, person)

  assertProblem(response, 'session_ended')
  const after = await server.database.client.user.findFirstOrThrow()
  assert.deepEqual(after, before)
  // What is rolled back ends nobody's session.
  assert.equal((await verify(server, second)).statusCode, 200)
  assertProblem(await verify(server, person), 'session_ended')
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  assert.ok(!(await auditTypes(server)).includes('password_changed'))
})
