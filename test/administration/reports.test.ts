// What administrators read of everybody: events and figures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertFaults } from '../support/problems.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }

type Event = { id: string; type: string; userId: string | null; username: string | null }
type Page = { items: Event[]; nextCursor: string | null }

async function events(server: TestServer, admin: { access_token: string }, query = {}) {
  await server.services.audit.written()
  const answer = await ask(server, `GET /admin/events?${new URLSearchParams(query)}`, admin)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Page>()
}

test('GET /admin/events shows what happened, newest first, with the names of today', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  await ask(server, `PATCH /admin/users/${person.user.id}`, admin, { body: { name: 'Ada' } })
  await ask(server, 'PATCH /me', person, { body: { name: 'Ada L.' } })

  const { items, nextCursor } = await events(server, admin, { userId: person.user.id })

  assert.deepEqual(
    items.map(({ type }) => type),
    ['profile_changed', 'profile_changed', 'registered', 'signed_in'],
  )
  const [, changed] = items
  const { id } = changed ?? {}
  assert.deepEqual(changed, {
    ...{ id, at: new Date(server.clock()).toISOString(), type: 'profile_changed' },
    ...{ userId: person.user.id, username: person.username },
    ...(changed as object as { actorId: string; actorUsername: string; requestId: string }),
    ...{ sessionId: null, ip: '127.0.0.1', userAgent: 'lightMyRequest', detail: 'name', count: 1 },
  })
  assert.equal(nextCursor, null)
})

test('events are read by type, by account and by pages, each event once', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  for (let count = 0; count < 6; count++) {
    const { id } = await newAccount(server)
    await ask(server, `DELETE /admin/users/${id}/lockout`, admin)
  }

  const found: Event[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Page = await events(server, admin, { type: 'account_unlocked', size: '4', cursor })
    found.push(...page.items)
    cursor = page.nextCursor
    await operator(server).unlock(admin.username)
  }

  assert.deepEqual([found.length, new Set(found.map(({ id }) => id)).size], [6, 6])
  const ids = found.map(({ id }) => id)
  assert.deepEqual(ids, [...ids].sort().reverse())
  const { nextCursor } = await events(server, admin, { size: '1' })
  const foreign = `GET /admin/events?type=registered&cursor=${nextCursor}`
  assertFaults(await ask(server, foreign, admin), ['/cursor invalid_cursor'])
})

test('a type that is none is refused, with the nearest one', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)

  const answer = await ask(server, 'GET /admin/events?type=role_chanegd', admin)

  assertFaults(answer, ['/type not_allowed'])
  const [{ detail }] = answer.json().errors
  assert.match(detail, /^Did you mean role_changed\? The value must be one of: registered, /)
})

test('GET /admin/summary counts accounts, sessions, sign-ins and mails', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const [disabled, proven] = [await newAccount(server), await newAccount(server)]
  await operator(server).disable(disabled.username)
  await operator(server).verifyEmail(proven.username)
  const wrong = { username: admin.username, password: 'wrong' }
  for (let count = 0; count < 3; count++) await call(server, 'POST /login', wrong)
  server.clock.advance(60)
  await server.services.audit.written()

  const answer = await ask(server, 'GET /admin/summary', admin)

  assert.equal(answer.statusCode, 200, answer.body)
  const { users, sessions, last24Hours, mail, at, revocationLagSeconds } = answer.json()
  assert.deepEqual(users, { total: 3, disabled: 1, unverified: 1, admins: 1 })
  assert.deepEqual(sessions, { live: 2 })
  const { hours, ...sums } = last24Hours
  assert.deepEqual([sums, hours.length], [{ signIns: 2, failures: 3 }, 24])
  assert.deepEqual(hours.at(-1), {
    ...{ at: new Date(server.clock() - 3_600_000).toISOString(), ...sums },
  })
  assert.equal(at, new Date(server.clock()).toISOString())
  assert.equal(mail.isOn, true)
  assert.equal(typeof revocationLagSeconds, 'number')
})

test('however many ask for figures, they are counted once in half a minute', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const read = () => ask(server, 'GET /admin/summary', admin)
  const counted = () => server.queries.filter((sql) => sql.includes('sliceEnd')).length

  const answers = await Promise.all(Array.from({ length: 20 }, read))
  await newAccount(server)
  const [first, ...others] = answers.map(({ body }) => body)
  for (const body of others) assert.equal(body, first)
  assert.equal(counted(), 2)
  assert.equal((await read()).body, first)
  server.clock.advance(30)

  assert.equal((await read()).json().users.total, 2)
  assert.equal(counted(), 4)
})
