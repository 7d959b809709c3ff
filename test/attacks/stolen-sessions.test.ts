// Attacks with stolen refresh tokens, and with clocks that are set back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTypes, call, liveSessions } from '../support/answers.ts'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { writeNotes } from '../support/seen.ts'

/** Fails when anything of these still opens something. */
async function assertAllDead(server: TestServer, tokens: Opened[]): Promise<void> {
  for (const { access_token, refresh_token } of tokens) {
    const verify = await call(server, 'GET /verify', undefined, bearer(access_token))
    assertProblem(verify, 'session_ended')
    assertProblem(await refresh(server, refresh_token), 'session_ended')
  }
}

/** One refresh, which must succeed. */
async function refreshed(
  server: TestServer,
  { refresh_token }: Opened,
  headers: Record<string, string> = {},
): Promise<Opened> {
  const response = await refresh(server, refresh_token, headers)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Opened>()
}

/** Past the window, uses what was got: from then on it is known that somebody kept it. */
async function useLate(server: TestServer, { access_token }: Opened): Promise<void> {
  server.clock.advance(31)
  const response = await call(server, 'GET /verify', undefined, bearer(access_token))
  assert.equal(response.statusCode, 200, response.body)
  await writeNotes(server)
}

type Theft = (server: TestServer, stolen: Person) => Promise<Opened[]>

/**
 * Ways to use a stolen refresh token beside its owner. Each gives the tokens that both come to
 * hold.
 */
const thefts: Record<string, Theft> = {
  'the thief comes first, and the owner after the grace window': async (server, stolen) => {
    const thief = await refreshed(server, stolen)
    await useLate(server, thief)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [thief]
  },
  'the owner comes first, and the thief after the grace window': async (server, stolen) => {
    const owner = await refreshed(server, stolen)
    await useLate(server, owner)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [owner]
  },
  'the thief comes inside the grace window, and both go on': async (server, stolen) => {
    const owner = await refreshed(server, stolen)
    server.clock.advance(29)
    const thief = await refreshed(server, stolen)
    assert.equal(thief.refresh_token, owner.refresh_token)
    server.clock.advance(2)
    const next = await refreshed(server, thief)
    await useLate(server, next)
    assertProblem(await refresh(server, owner.refresh_token), 'session_ended')
    return [owner, thief, next]
  },
  'the thief runs ahead by two generations before the owner looks': async (server, stolen) => {
    const first = await refreshed(server, stolen)
    server.clock.advance(31)
    const second = await refreshed(server, first)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [first, second]
  },
  'the thief guesses at the Idempotency-Key of the owner': async (server, stolen) => {
    const owner = await refreshed(server, stolen, { 'idempotency-key': 'tab-1' })
    await useLate(server, owner)
    const guess = { 'idempotency-key': 'tab-2' }
    assertProblem(await refresh(server, stolen.refresh_token, guess), 'session_ended')
    return [owner]
  },
}

for (const [what, steal] of Object.entries(thefts)) {
  test(`when ${what}, the session ends for both, and no other session ends`, async (t) => {
    const server = await startServer(t)
    const stolen = await signedUp(server)
    const other = await signedIn(server, stolen)

    const tokens = await steal(server, stolen)

    await assertAllDead(server, [stolen, ...tokens])
    assert.deepEqual(await liveSessions(server, other.access_token), [other.sessionId])
    const reused = (await auditTypes(server)).filter((type) => type === 'refresh_token_reused')
    assert.equal(reused.length, 1)
  })
}

const HOUR = 3600
const SHORT = { SESSION_MAX_AGE: '3h', REFRESH_TOKEN_TTL: '2h', RATE_LIMITS: 'off' }

type End = (server: TestServer, person: Person) => Promise<unknown>

/**
 * What a session does not come back from. The clock has been past its idle end and its absolute
 * one.
 */
const ends: Record<string, End> = {
  'was refused at its end': async (server, { refresh_token }) => {
    assertProblem(await refresh(server, refresh_token), 'session_ended')
  },
  'was signed out past its end': (server, { refresh_token }) =>
    call(server, 'POST /logout', { refresh_token }),
  'was of an account whose password was changed past its end': async (server, person) => {
    const { access_token } = await signedIn(server, person)
    const change = { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }
    const changed = await call(server, 'PUT /password', change, bearer(access_token))
    assert.equal(changed.statusCode, 200, changed.body)
  },
  'was one of all others that were ended past its end': async (server, person) => {
    const { access_token } = await signedIn(server, person)
    await call(server, 'DELETE /sessions', undefined, bearer(access_token))
  },
  'was of an account that was disabled past its end': async (server, { username }) => {
    await operator(server).disable(username)
    await operator(server).enable(username)
  },
}

/** Somebody whose session is a second past its idle end, or past its absolute one. */
const tooLate: Record<string, (server: TestServer) => Promise<Person>> = {
  'its idle end': async (server) => {
    const person = await signedUp(server)
    server.clock.advance(2 * HOUR + 1)
    return person
  },
  'its absolute end': async (server) => {
    const person = await signedUp(server)
    server.clock.advance(1.5 * HOUR)
    const kept = await refreshed(server, person)
    server.clock.advance(1.5 * HOUR + 1)
    return { ...person, ...kept }
  },
}

test('a clock that is set back an hour revives no session that has ended', async (t) => {
  const server = await startServer(t, { env: SHORT })

  for (const [end, outlive] of Object.entries(tooLate)) {
    for (const [what, finish] of Object.entries(ends)) {
      const person = await outlive(server)
      await finish(server, person)
      server.clock.advance(-HOUR)

      const response = await refresh(server, person.refresh_token)

      assert.equal(response.statusCode, 401, `one that ${what} lives again before ${end}`)
      assertProblem(response, 'session_ended')
    }
  }
})
