// How long audit events are kept, and that the chain is whole when the oldest are gone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { v7 as uuidv7 } from 'uuid'
import { dayOf, problemsOf, recordDays, recordSome } from '../support/audit.ts'
import { startServer, type TestServer } from '../support/helper.ts'

const DAY = 86_400_000

test('Events go a whole day at a time, once the youngest of them is too old', async (t) => {
  const server = await startServer(t, { env: { AUDIT_RETENTION: '2d' } })
  await recordDays(server, 4)
  const young = dayOf(server)

  assert.deepEqual(await daysLeft(server), [young - 2, young - 1, young])
  assert.deepEqual(await problemsOf(server), [])
  server.clock.advance(86_400)
  assert.deepEqual(await daysLeft(server), [young - 1, young])
  assert.deepEqual(await problemsOf(server), [])
})

test('Of the days that are gone the newest is left, for the next to continue', async (t) => {
  const server = await startServer(t, { env: { AUDIT_RETENTION: '1d' } })
  await recordDays(server, 5)
  await daysLeft(server)

  const { client } = server.database
  const days = await client.auditDay.findMany({ orderBy: { day: 'asc' } })
  assert.deepEqual(
    days.map(({ day, state }) => [dayOf(server) - day, state]),
    [
      [2, 'pruned'],
      [1, 'closed'],
      [0, 'open'],
    ],
  )
  assert.deepEqual((await server.services.audit.verify()).events, 20)
})

test('The day that takes events is not deleted, however old it is', async (t) => {
  const server = await startServer(t, { env: { AUDIT_RETENTION: '1d' } })
  await recordSome(server)
  const day = dayOf(server)
  server.clock.advance(30 * 86_400)

  assert.deepEqual(await daysLeft(server), [day])
  await recordSome(server)
  assert.deepEqual(await daysLeft(server), [day + 30])
  assert.deepEqual(await problemsOf(server), [])
})

test('The chain is whole between the batches in which a day goes, and after a stop in between', async (t) => {
  const server = await startServer(t, { env: { AUDIT_RETENTION: '1d' } })
  for (let turn = 0; turn < 6; turn++) await recordSome(server, 100)
  const { audit } = server.services
  const before = await server.database.client.auditEvent.count()
  server.clock.advance(3 * 86_400)
  await recordSome(server)

  const more = await audit.clean()

  assert.equal(more, true)
  const { client } = server.database
  assert.equal(await client.auditEvent.count({ where: { day: dayOf(server, 3) } }), before - 50)
  assert.deepEqual(await problemsOf(server), [])
  while (await audit.clean());
  assert.equal(await client.auditEvent.count(), 10)
})

test('Events are not deleted for a day that somebody else calls pruned', async (t) => {
  const server = await startServer(t)
  await recordDays(server, 3)
  const day = dayOf(server, 1)
  await server.database.client.auditDay.update({ where: { day }, data: { state: 'pruned' } })

  assert.deepEqual(await daysLeft(server), [day - 1, day, day + 1])
})

test('Events from before the chain go by their time', async (t) => {
  const server = await startServer(t)
  const { client } = server.database
  const at = (age: number) => new Date(server.clock() - age)
  await client.auditEvent.createMany({
    data: [at(400 * DAY + 1), at(400 * DAY), at(0)].map((time) => ({
      ...{ id: uuidv7({ msecs: +time }), at: time, type: 'signed_in' },
    })),
  })

  assert.equal(await server.services.audit.clean(), false)

  assert.equal(await client.auditEvent.count(), 2)
})

/** The days that have events once the cleaner is done. */
async function daysLeft({ services, database }: TestServer): Promise<(number | null)[]> {
  while (await services.audit.clean());
  const rows = await database.client.auditEvent.groupBy({ by: ['day'], orderBy: { day: 'asc' } })
  return rows.map(({ day }) => day)
}
