// When a spent refresh token is forgiven, and when it is a theft: the window, and successors that
// were seen.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { assertSession, auditTypes, call, withCookie } from '../support/answers.ts'
import {
  bearer,
  cookieOf,
  type Opened,
  type Person,
  refresh,
  signedUp,
} from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { writeNotes } from '../support/seen.ts'

const HOUR = 3600
const DAY = 86_400

const use = (server: TestServer, { access_token }: Opened) =>
  call(server, 'GET /verify', undefined, bearer(access_token))

/** A refresh that must succeed. */
async function refreshed(server: TestServer, { refresh_token }: Opened): Promise<Opened> {
  const response = await refresh(server, refresh_token)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Opened>()
}

/** The moment after which the use of an access token that was issued now shows that it was kept. */
function untilSeen({ clock }: TestServer): number {
  const issuedAt = Math.floor(clock() / 1000) * 1000
  return (issuedAt + 31_000 - clock()) / 1000
}

async function isEnded(server: TestServer, { sessionId }: Opened): Promise<boolean> {
  const row = await server.database.client.session.findUniqueOrThrow({ where: { id: sessionId } })
  return row.revokedAt !== null
}

test('POST /refresh with the current token inside the window answers with the same token', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await refreshed(server, person)
  const before = await server.database.client.session.findFirstOrThrow()
  server.clock.advance(30)

  const response = await refresh(server, first.refresh_token)

  const again = assertSession(server, response, {
    user: person.user,
    sessionId: person.sessionId,
    refreshed: 'replayed',
    message: response.json().message,
    refreshExpiresIn: 30 * DAY - 30,
  })
  assert.equal(again.refresh_token, first.refresh_token)
  assert.notEqual(again.access_token, first.access_token)
  assert.equal((await use(server, again)).statusCode, 200)
  assert.deepEqual(await server.database.client.session.findFirstOrThrow(), before)
})

test('POST /refresh right after a sign-in rotates: a sign-in opens no window', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  assert.equal((await refreshed(server, person)).refreshed, 'rotated')
})

test('any number of refreshes inside one window, with either token in any order, rotates once', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await refreshed(server, person)

  for (let second = 0; second < 30; second++) {
    server.clock.advance(1)
    const shown = second % 3 === 0 ? person : first
    const next = await refreshed(server, shown)
    assert.deepEqual([next.refreshed, next.refresh_token], ['replayed', first.refresh_token])
  }
  const row = await server.database.client.session.findFirstOrThrow()
  assert.equal(row.generation, 2)
})

for (const lost of [31, HOUR, 29 * DAY]) {
  test(`POST /refresh after an answer that was lost for ${lost} s gives the same successor`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const first = await refreshed(server, person)
    server.clock.advance(lost)

    const again = await refreshed(server, person)

    assert.deepEqual([again.refreshed, again.refresh_token], ['replayed', first.refresh_token])
    server.clock.advance(31)
    assert.equal((await refreshed(server, again)).refreshed, 'rotated')
  })
}

test('an answer that is lost again and again is answered again and again', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const first = await refreshed(server, person)

  for (let turn = 0; turn < 10; turn++) {
    server.clock.advance(HOUR)
    assert.equal((await refreshed(server, person)).refresh_token, first.refresh_token)
    await writeNotes(server)
  }
})

test('a rendering server that never sets the cookie stays signed in for 20 expiries', async (t) => {
  const server = await startServer(t)
  const { cookie } = await signedUp(server, { transport: 'cookie' })

  for (let expiry = 0; expiry < 20; expiry++) {
    const response = await call(server, 'POST /refresh', undefined, withCookie(cookie))
    assert.equal(response.statusCode, 200, response.body)
    const opened = response.json<Opened>()
    // What it renders takes some seconds; what it sets is lost.
    for (const seconds of [0, 1, 5, 20]) {
      server.clock.advance(seconds)
      assert.equal((await use(server, opened)).statusCode, 200)
      await writeNotes(server)
    }
    assert.ok(cookieOf(response))
    server.clock.advance(901)
  }
})

test('a token is seen from its first use after iat, a second and the window, and not before', async (t) => {
  const server = await startServer(t)

  for (const [late, isSeen] of [
    [-0.001, false],
    [0, true],
  ] as const) {
    const person = await signedUp(server)
    server.clock.advance(0.4)
    const next = await refreshed(server, person)
    server.clock.advance(untilSeen(server) + late)
    assert.equal((await use(server, next)).statusCode, 200)
    await writeNotes(server)
    server.clock.advance(HOUR)

    const response = await refresh(server, person.refresh_token)

    assert.equal(response.statusCode, isSeen ? 401 : 200, response.body)
    assert.equal(await isEnded(server, person), isSeen)
  }
})

const signs: Record<string, (server: TestServer, next: Opened) => Promise<unknown>> = {
  'its access token came back after the window': async (server, next) => {
    server.clock.advance(31)
    return use(server, next)
  },
  'its access token came back after it expired': async (server, next) => {
    server.clock.advance(HOUR)
    return use(server, next)
  },
  'its access token came back late, with a role that is no longer true': async (server, next) => {
    await operator(server).changeRole(next.user.username, 'admin')
    server.clock.advance(31)
    return use(server, next)
  },
  'the access token of a replay came back after the window': async (server, next) => {
    const again = await refreshed(server, next)
    server.clock.advance(31)
    return use(server, again)
  },
  'it came back itself inside the window': (server, next) => refresh(server, next.refresh_token),
  'it came back itself after the window': async (server, next) => {
    server.clock.advance(31)
    return refresh(server, next.refresh_token)
  },
}

for (const [what, show] of Object.entries(signs)) {
  test(`a used token is not forgiven if of its successor ${what}`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const next = await refreshed(server, person)

    await show(server, next)
    await writeNotes(server)
    server.clock.advance(31)

    assertProblem(await refresh(server, person.refresh_token), 'session_ended')
    assert.ok(await isEnded(server, person))
    assert.ok((await auditTypes(server)).includes('refresh_token_reused'))
  })
}

test('a late use of the first access token, or of a forged one, proves nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const next = await refreshed(server, person)
  server.clock.advance(31)

  await use(server, person)
  await use(server, { ...next, access_token: `${next.access_token.slice(0, -6)}AAAAAA` })
  await writeNotes(server)

  assert.equal((await refreshed(server, person)).refreshed, 'replayed')
})

test('a note that is written late never marks a newer generation', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const second = await refreshed(server, person)
  server.clock.advance(31)
  await use(server, second)

  const third = await refreshed(server, second)
  await writeNotes(server)
  server.clock.advance(HOUR)

  const again = await refreshed(server, second)
  assert.deepEqual([again.refreshed, again.refresh_token], ['replayed', third.refresh_token])
})

test('a note from before a backup was put back marks no generation to come', async (t) => {
  const server = await startServer(t)
  const { session } = server.database.client
  const person = await signedUp(server)
  const second = await refreshed(server, person)
  const backup = await session.findFirstOrThrow()
  server.clock.advance(31)
  const third = await refreshed(server, second)
  server.clock.advance(31)
  await use(server, third)
  await session.updateMany({ data: backup })

  await writeNotes(server)

  assert.equal((await session.findFirstOrThrow()).seenGeneration, 0)
  assert.equal((await refreshed(server, person)).refreshed, 'replayed')
})

const thefts: Record<string, (server: TestServer, stolen: Person) => Promise<Opened>> = {
  'the thief rotates and uses what he got, and then the owner comes': async (server, stolen) => {
    const thief = await refreshed(server, stolen)
    server.clock.advance(40)
    await use(server, thief)
    await writeNotes(server)
    server.clock.advance(HOUR)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return thief
  },
  'the owner rotates and uses what he got, and then the thief comes': async (server, stolen) => {
    const owner = await refreshed(server, stolen)
    server.clock.advance(40)
    await use(server, owner)
    await writeNotes(server)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return owner
  },
  'the thief rotates twice before the owner comes': async (server, stolen) => {
    const first = await refreshed(server, stolen)
    server.clock.advance(31)
    const second = await refreshed(server, first)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return second
  },
}

for (const [what, steal] of Object.entries(thefts)) {
  test(`theft is found when ${what}`, async (t) => {
    const server = await startServer(t)
    const stolen = await signedUp(server)

    const held = await steal(server, stolen)

    assertProblem(await refresh(server, held.refresh_token), 'session_ended')
    const thefts = (await auditTypes(server)).filter((type) => type === 'refresh_token_reused')
    assert.equal(thefts.length, 1)
  })
}

test('a token that comes back to one server is seen by all of them', async (t) => {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const here = await startServer(t, { url, clock })
  const there = await startServer(t, { url, clock })
  const person = await signedUp(here)
  const next = await refreshed(here, person)
  clock.advance(31)

  await use(there, next)
  await writeNotes(there)

  assertProblem(await refresh(here, person.refresh_token), 'session_ended')
})

test('the server writes the notes by itself, and the last ones when it stops', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const people = [await signedUp(server), await signedUp(server)] as const
  const next = [await refreshed(server, people[0]), await refreshed(server, people[1])] as const
  server.clock.advance(31)

  await use(server, next[0])
  const seenOf = async ({ database }: TestServer, { sessionId }: Opened) =>
    (await database.client.session.findUniqueOrThrow({ where: { id: sessionId } })).seenGeneration
  const deadline = Date.now() + 30_000
  while ((await seenOf(server, people[0])) === 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(await seenOf(server, people[0]), 2)
  await use(server, next[1])
  await server.close()

  const restarted = await startServer(t, { url, clock: server.clock })
  assert.equal(await seenOf(restarted, people[1]), 2)
})

test('REFRESH_UNSEEN=off forgives inside the window only', async (t) => {
  const server = await startServer(t, { env: { REFRESH_UNSEEN: 'off' } })
  const person = await signedUp(server)
  const key = { 'idempotency-key': 'one' }
  await refresh(server, person.refresh_token, key)
  server.clock.advance(30)
  assert.equal((await refreshed(server, person)).refreshed, 'replayed')
  server.clock.advance(0.001)
  assert.equal((await refresh(server, person.refresh_token, key)).statusCode, 200)

  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
})

test('REFRESH_GRACE=0s forgives one rotation at a time, and theft is found all the same', async (t) => {
  const server = await startServer(t, { env: { REFRESH_GRACE: '0s' } })
  const person = await signedUp(server)
  const next = await refreshed(server, person)
  server.clock.advance(0.5)
  assert.equal((await refreshed(server, person)).refresh_token, next.refresh_token)

  assert.equal((await refreshed(server, next)).refreshed, 'rotated')
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
})

/**
 * Six tabs that load within two seconds on a slow line: each sends the cookie of its own moment.
 */
test('requests that arrive in any order inside a window sign nobody out', async (t: TestContext) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  let jar = person.cookie

  for (let round = 0; round < 20; round++) {
    server.clock.advance(901)
    const sent: (string | undefined)[] = []
    for (let tab = 0; tab < 6; tab++) {
      sent.push(jar)
      const late = sent[(tab * 5) % sent.length]
      const response = await call(server, 'POST /refresh', undefined, withCookie(late))
      assert.equal(response.statusCode, 200, `round ${round}, tab ${tab}: ${response.body}`)
      jar = cookieOf(response)
      server.clock.advance(0.3)
      await writeNotes(server)
    }
  }
})
