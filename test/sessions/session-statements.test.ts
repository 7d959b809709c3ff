// Each statement on sessions names their user; only what looks for rows by their date does not.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { isScattered } from '../support/session-statements.ts'

const FEED = /WHERE `(?:revokedAt|renewedAt)` >= \? .*ORDER BY/s
const CLEANER = /FROM `Session` WHERE `(?:revokedAt|expiresAt)` <=? \?/

/** A server with two sessions of somebody, and how to collect what it sends about sessions. */
async function sceneOf(t: TestContext) {
  const server = await startServer(t)
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  const during = async (work: () => Promise<unknown>) => {
    const before = server.queries.length
    await work()
    const sent = server.queries.slice(before).filter((sql) => /\bSession\b/.test(sql))
    const scattered = sent.filter(isScattered)
    const ofFeed = scattered.filter((sql) => FEED.test(sql))
    const ofCleaner = scattered.filter((sql) => CLEANER.test(sql))
    const others = scattered.filter((sql) => !FEED.test(sql) && !CLEANER.test(sql))
    return { all: sent.length, ofFeed: ofFeed.length, ofCleaner: ofCleaner.length, others }
  }
  return { server, person, other, during }
}

test('what a user does with sessions names him in each statement, also what is written later', async (t) => {
  const { server, person, other, during } = await sceneOf(t)
  const headers = bearer(person.access_token)
  const change = { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }

  const { all, others } = await during(async () => {
    const refreshed = await call(server, 'POST /refresh', { refresh_token: other.refresh_token })
    server.clock.advance(60)
    await call(server, 'GET /me', undefined, bearer(refreshed.json().access_token))
    await server.services.sessions.seen.write()
    await call(server, 'GET /sessions', undefined, headers)
    await call(server, `DELETE /sessions/${other.sessionId}`, undefined, headers)
    const changed = await call(server, 'PUT /password', change, headers)
    const account = { currentPassword: change.newPassword }
    await call(server, 'DELETE /me', account, bearer(changed.json().access_token))
  })

  assert.deepEqual(others, [])
  assert.ok(all >= 10, `${all} statements`)
  assert.equal(await server.database.client.session.count({ where: { revokedAt: null } }), 0)
  assert.equal(await server.database.client.session.count({ where: { userId: null } }), 2)
})

test('only the feed and the cleaner ask for sessions of everybody', async (t) => {
  const { server, during } = await sceneOf(t)
  const { revocations, sessions } = server.services

  const feed = await during(revocations.poll)
  const cleaner = await during(sessions.clean)

  assert.ok(feed.ofFeed >= 2 && cleaner.ofCleaner >= 4)
  assert.deepEqual([...feed.others, ...cleaner.others], [])
})
