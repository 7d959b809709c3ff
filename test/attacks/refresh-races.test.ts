// Races for one session. No matter who wins, the state is the same. See also: kills at random
// moments, ../database/crash.test.ts; SQLite's locks, ../database/sqlite-locks.test.ts; clocks
// that jump, ../sessions/refresh.test.ts; races for houses, ../houses/house-races.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Refreshed,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { call, startProcess } from '../support/process.ts'
import {
  assertAllDead,
  beside,
  CROWD,
  changePassword,
  crowd,
  generationOf,
  liveRows,
  NEW_PASSWORD,
  refreshTwice,
  registered,
  removeAccount,
  statuses,
  tally,
  tryLogIn,
} from '../support/races.ts'

const ROUNDS = 5

test('POST /refresh of one token 50 times at once rotates once and answers all with one successor', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < 3; round++) {
    const { refresh_token } = await signedUp(server)

    const answers = await Promise.all(crowd(() => refresh(server, refresh_token)))

    assert.deepEqual(statuses(answers), { 200: CROWD })
    assertOneSuccessor(answers.map((answer) => answer.json<Refreshed>()))
  }
})

test('POST /refresh of one token spread over two servers rotates once and answers all alike', async (t) => {
  const url = await freshDatabase(t)
  // One after the other, since the first one migrates.
  const one = await startProcess(t, { url })
  const other = await startProcess(t, { url })

  for (let round = 0; round < 3; round++) {
    const { refresh_token } = await registered(one)

    const answers = await Promise.all(
      crowd((index) =>
        call(index % 2 ? one : other, 'POST', '/refresh', { body: { refresh_token } }),
      ),
    )

    assert.deepEqual(tally(answers.map(({ status }) => status)), { 200: CROWD })
    assertOneSuccessor(answers.map(({ body }) => body as Refreshed))
  }
})

test('POST /refresh with the same Idempotency-Key from two servers at once gives one successor', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock, env: { REFRESH_GRACE: '0s' } })
  const { refresh_token } = await signedUp(one)
  const key = { 'idempotency-key': 'one-request' }

  const answers = await Promise.all(
    crowd((index) => refresh(index % 2 ? one : other, refresh_token, key)),
  )

  assert.deepEqual(statuses(answers), { 200: CROWD })
  assertOneSuccessor(answers.map((answer) => answer.json<Refreshed>()))
})

type Ending = (server: TestServer, own: Opened, other: Opened) => Promise<LightMyRequestResponse>

/** What ends the session `own` while it is being refreshed. */
const endings: Record<string, Ending> = {
  'POST /logout with the access token': (server, own) =>
    server.inject({ method: 'POST', url: '/logout', headers: bearer(own.access_token) }),
  'POST /logout with the refresh token': (server, own) =>
    server.inject({
      method: 'POST',
      url: '/logout',
      payload: { refresh_token: own.refresh_token },
    }),
  'DELETE /sessions/:id': (server, own, other) =>
    server.inject({
      method: 'DELETE',
      url: `/sessions/${own.sessionId}`,
      headers: bearer(other.access_token),
    }),
  'DELETE /sessions': (server, _own, other) =>
    server.inject({ method: 'DELETE', url: '/sessions', headers: bearer(other.access_token) }),
  'PUT /password': (server, _own, other) => changePassword(server, other, NEW_PASSWORD),
  'DELETE /me': (server, _own, other) => removeAccount(server, other),
}

for (const [name, end] of Object.entries(endings)) {
  test(`${name} beside refreshes leaves no token of that session alive`, async (t) => {
    const server = await startServer(t)

    for (let round = 0; round < ROUNDS; round++) {
      const { own, other } = await twoSessions(server)

      const [ended, ...refreshed] = await beside(round, () => end(server, own, other), [
        () => refreshTwice(server, own),
        () => refreshTwice(server, own),
        () => refreshTwice(server, own),
      ])

      // A refresh that comes two generations late ends the session by itself, and then there is
      // none.
      assert.ok(ended.statusCode < 300 || ended.statusCode === 404, ended.body)
      await assertAllDead(server, [own, ...refreshed.flat()])
    }
  })
}

test('Disabling an account beside refreshes and sign-ins leaves no token of it alive', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const { own, other, username } = await twoSessions(server)

    const [, ...opened] = await beside(round, () => operator(server).disable(username), [
      () => refreshTwice(server, own),
      () => refreshTwice(server, other),
      () => tryLogIn(server, username, PASSWORD),
    ])

    await assertAllDead(server, [own, other, ...opened.flat()])
    assert.equal(await liveRows(server, own.user.id), 0)
  }
})

test('PUT /password beside refreshes of the same session keeps that session and one branch of it', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const own = await signedUp(server)

    const [changed, ...refreshed] = await beside(
      round,
      () => changePassword(server, own, NEW_PASSWORD),
      // One client, whose requests are in order: of two, one may come two rotations late, which is
      // theft.
      [() => refreshTwice(server, own)],
    )

    assert.equal(changed.statusCode, 200, changed.body)
    const held = [changed.json<Opened>(), ...refreshed.flat()]
    const generations = new Map(held.map((one) => [generationOf(one), one.refresh_token]))
    for (const one of held) {
      assert.equal(generations.get(generationOf(one)), one.refresh_token, 'a second branch')
    }
    const latest = generations.get(Math.max(...generations.keys()))
    assert.equal((await refresh(server, latest)).statusCode, 200)
  }
})

test('POST /refresh of a stolen token beside the current one ends the session for both', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const stolen = await signedUp(server)
    const second = (await refresh(server, stolen.refresh_token)).json<Opened>()
    server.clock.advance(31)
    const third = (await refresh(server, second.refresh_token)).json<Opened>()
    server.clock.advance(31)

    const [caught, ...refreshed] = await beside(
      round,
      () => refresh(server, stolen.refresh_token),
      [() => refreshTwice(server, third), () => refreshTwice(server, third)],
    )

    assert.equal(caught.json().code, 'session_ended')
    await assertAllDead(server, [stolen, second, third, ...refreshed.flat()])
    const thefts = { type: 'refresh_token_reused', sessionId: stolen.sessionId }
    await server.services.audit.written()
    assert.ok((await server.database.client.auditEvent.count({ where: thefts })) >= 1)
  }
})

function assertOneSuccessor(bodies: Refreshed[]): void {
  assert.equal(new Set(bodies.map((body) => body.refresh_token)).size, 1)
  assert.deepEqual(tally(bodies.map((body) => body.refreshed)), {
    rotated: 1,
    replayed: bodies.length - 1,
  })
}

async function twoSessions(server: TestServer) {
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  return { own: person, other, username: person.username }
}
