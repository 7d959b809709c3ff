import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '../../src/features/audit/event.ts'
import { createFolding } from '../../src/features/audit/folding.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'

const DAY_SECONDS = 86_400
/** Events of one type and one user that have a row of their own in one day. */
const SINGLE = 100
const DEVICE = { ip: '192.0.2.1', userAgent: null }

test('Events beyond a hundred of one type and one user in a day share rows that count', async (t) => {
  const server = await startServer(t)
  const times = (count: number, name: string) => {
    const userId = name as UserId
    for (let at = 0; at < count; at++) {
      server.services.audit.record({ type: 'sign_in_failed', userId, detail: `${at}` })
    }
  }

  times(SINGLE + 30, 'one')
  times(SINGLE, 'other')
  const first = await countsOf(server)
  server.clock.advance(1)
  times(5, 'one')
  await server.services.audit.written()
  const shared = await sharedRows(server)
  server.clock.advance(DAY_SECONDS)
  times(1, 'one')

  assert.deepEqual(first, { one: [SINGLE, 30], other: [SINGLE] })
  assert.deepEqual(
    shared.map(({ count, detail, at }) => [count, detail, at.getTime()]),
    [
      [30, `${SINGLE + 29}`, server.clock() - (DAY_SECONDS + 1) * 1000],
      [5, '4', server.clock() - DAY_SECONDS * 1000],
    ],
  )
  assert.deepEqual((await countsOf(server)).one, [SINGLE + 1, 30, 5])
})

test('No row changes after it was written, however many events follow', async (t) => {
  const server = await startServer(t)
  const { audit } = server.services
  const fill = () => {
    const userId = 'one' as UserId
    for (let at = 0; at < 2 * SINGLE; at++) audit.record({ type: 'signed_in', userId })
  }

  fill()
  await audit.written()
  const before = await server.database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })
  server.clock.advance(60)
  fill()
  await audit.written()
  const after = await server.database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })

  assert.equal(after.length, before.length + 1)
  assert.deepEqual(after.slice(0, before.length), before)
})

test('What an administrator does to others has a row each, however much it is', async (t) => {
  const server = await startServer(t)
  const names = Array.from({ length: SINGLE + 20 }, (_, at) => `house ${at}`)
  const [admin, owner] = ['admin' as UserId, 'owner' as UserId]

  for (const detail of names) {
    server.services.audit.record({ type: 'house_changed_by_admin', userId: admin, detail })
    server.services.audit.record({ type: 'role_changed', userId: owner, actorId: admin, detail })
  }
  await server.services.audit.written()

  for (const type of ['house_changed_by_admin', 'role_changed']) {
    const rows = await server.database.client.auditEvent.findMany({
      ...{ where: { type }, orderBy: { id: 'asc' } },
    })
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      names,
    )
  }
})

test('Events of nobody known are counted by their network, on each server', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock })
  const events = SINGLE + 20

  for (const server of [one, other]) {
    for (let at = 0; at < events; at++) {
      const ip = `2001:db8:1:1::${at.toString(16)}`
      const device = { ...DEVICE, ip }
      server.services.audit.record({ type: 'sign_in_failed', userId: null, device })
    }
    server.services.audit.record({ type: 'sign_in_failed', userId: null, device: DEVICE })
    await server.services.audit.written()
  }

  const counts = (await sharedRows(one)).map(({ count }) => count)
  assert.deepEqual(counts, [20, 20])
  assert.equal(await one.database.client.auditEvent.count(), 2 * (SINGLE + 1 + 1))
})

test('The end of a server writes the events that wait for a common row', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  for (let at = 0; at < SINGLE + 3; at++) {
    server.services.audit.record({ type: 'signed_in', userId: 'one' as UserId })
  }
  await server.close()

  const later = await startServer(t, { url })
  assert.deepEqual(await countsOf(later), { one: [SINGLE, 3] })
})

const FAILURE: AuditEvent = {
  ...{ id: '', at: new Date(1000 * DAY_SECONDS * 1000), type: 'sign_in_failed', userId: 'ann' },
  ...{ actorId: null, sessionId: null, requestId: null, ip: null, userAgent: null },
  ...{ detail: null, count: 1 },
}

/** Counts a hundred failures of one user. */
function full() {
  const folding = createFolding()
  const add = (event: Partial<AuditEvent> = {}) => folding.add({ ...FAILURE, ...event })
  for (let at = 0; at < SINGLE; at++) assert.equal(add().length, 1)
  const isFull = (event: Partial<AuditEvent> = {}) => add(event).length === 0
  return { ...folding, add, isFull }
}

test('Many events of one type hide none of another type, code, user, or day', () => {
  const { isFull } = full()
  const { at } = FAILURE
  const [lastMoment, nextDay] = [DAY_SECONDS * 1000 - 1, DAY_SECONDS * 1000].map(
    (ms) => new Date(at.getTime() + ms),
  )

  assert.deepEqual([{}, { at: lastMoment as Date }].map(isFull), [true, true])
  assert.deepEqual(
    [{ type: 'password_changed' } as const, { userId: 'bob' }, { at: nextDay as Date }].map(isFull),
    [false, false, false],
  )
  // Why a sign-in failed is one of few codes; other texts are many.
  assert.deepEqual([{ detail: 'recovery_code' }, { detail: '7 left' }].map(isFull), [false, true])
})

test('Of 20,000 users whose events are counted the one is forgotten that was quiet for longest', () => {
  const { isFull, add, take } = full()
  const others = (count: number, kind: string) =>
    Array.from({ length: count }, (_, at) => add({ userId: `${kind} ${at}` })).flat()

  others(19_999, 'early')
  const before = isFull()
  others(1, 'one more')
  const kept = isFull()
  const written = others(20_000, 'late')

  assert.deepEqual([before, kept, isFull()], [true, true, false])
  // What waited was not lost with it.
  const folded = written.filter(({ userId }) => userId === 'ann')
  assert.deepEqual(
    folded.map(({ count }) => count),
    [2],
  )
  assert.deepEqual(take(), [])
})

/** How many rows of their own each user has, and what the rows count that others share. */
async function countsOf({ database, services }: TestServer): Promise<Record<string, number[]>> {
  await services.audit.written()
  const rows = await database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })
  const users = [...new Set(rows.map(({ userId }) => String(userId)))].toSorted()
  return Object.fromEntries(
    users.map((user) => {
      const own = rows.filter(({ userId }) => userId === user)
      const shared = own.filter(({ count }) => count > 1).map(({ count }) => count)
      return [user, [own.length - shared.length, ...shared]]
    }),
  )
}

function sharedRows({ database }: TestServer) {
  return database.client.auditEvent.findMany({
    ...{ where: { count: { gt: 1 } }, orderBy: { id: 'asc' } },
  })
}
