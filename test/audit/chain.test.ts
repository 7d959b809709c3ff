// What somebody changes in the tables of audit events by hand, `verify` finds.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { dateOf, dayOf, problemsOf, recordDays, recordSome } from '../support/audit.ts'
import { startServer, type TestServer } from '../support/helper.ts'

type Change = {
  /** What somebody does, who can write to the database and has no secret. */
  act: (scene: Scene) => Promise<unknown>
  /** What is found, with `{0}` for today and `{1}` for yesterday. */
  found: string[]
}
type Scene = {
  server: TestServer
  client: TestServer['database']['client']
  /** A row of a day that was some days ago. */
  row: (ago: number, seq: number) => Promise<Row>
  day: (ago: number) => number
}
type Row = Awaited<ReturnType<TestServer['database']['client']['auditEvent']['findFirstOrThrow']>>

const OTHER = 'A'.repeat(43)

const changes: Record<string, Change> = {
  'the type of an event of today': {
    act: async ({ client, row }) =>
      client.auditEvent.update({
        where: { id: (await row(0, 4)).id },
        data: { type: 'signed_in' },
      }),
    found: ['{0} 4 changed'],
  },
  'an address': {
    act: async ({ client, row }) =>
      client.auditEvent.update({ where: { id: (await row(1, 3)).id }, data: { ip: '192.0.2.8' } }),
    found: ['{1} 3 changed'],
  },
  'an address that is taken away, of nobody whose account is gone': {
    act: async ({ client, row }) =>
      client.auditEvent.update({
        where: { id: (await row(1, 3)).id },
        data: { ip: null, userAgent: null, originSalt: null },
      }),
    found: ['{1} 3 changed'],
  },
  'an event with its hash': {
    act: async ({ client, row }) =>
      client.auditEvent.update({
        where: { id: (await row(1, 3)).id },
        data: { detail: 'nothing', hash: OTHER },
      }),
    found: ['{1} 3 changed', '{1} 4 changed'],
  },
  'an event that is deleted': {
    act: async ({ client, row }) =>
      client.auditEvent.delete({ where: { id: (await row(1, 2)).id } }),
    found: ['{1} 2 missing'],
  },
  'the first event of a day that is deleted': {
    act: async ({ client, row }) =>
      client.auditEvent.delete({ where: { id: (await row(1, 1)).id } }),
    found: ['{1} 1 missing'],
  },
  'the newest events that are deleted': {
    act: ({ client, day }) =>
      client.auditEvent.deleteMany({ where: { day: day(0), seq: { gt: 7 } } }),
    found: ['{0} 8 missing'],
  },
  'an event that is added behind the last one': {
    act: async ({ client, row, day }) =>
      client.auditEvent.create({
        data: { ...(await row(1, 1)), id: randomUUID(), day: day(0), seq: 11 },
      }),
    found: ['{0} 11 added'],
  },
  'an event that is added to a closed day': {
    act: async ({ client, row }) =>
      client.auditEvent.create({ data: { ...(await row(1, 1)), id: randomUUID(), seq: 0 } }),
    found: ['{1} 0 added'],
  },
  'an event that is added without a number': {
    act: async ({ client, row }) =>
      client.auditEvent.create({ data: { ...(await row(1, 1)), id: randomUUID(), seq: null } }),
    found: ['{1} added'],
  },
  'an event that is added without a place, and is too young for it': {
    act: async ({ server, client, row }) => {
      const free = { id: randomUUID(), day: null, seq: null, hash: null }
      const at = new Date(server.clock() + 9 * 86_400_000)
      await client.auditEvent.create({ data: { ...(await row(1, 1)), ...free, at } })
    },
    found: ['no day added'],
  },
  'two events that change places': {
    act: async ({ client, row }) => {
      const [one, other] = [await row(1, 5), await row(1, 6)]
      const swap = (id: string, seq: number | null) =>
        client.auditEvent.update({ where: { id }, data: { seq } })
      await swap(one.id, -1)
      await swap(other.id, one.seq)
      await swap(one.id, other.seq)
    },
    found: ['{1} 5 changed', '{1} 6 changed', '{1} 7 changed'],
  },
  'an event that is moved to another day': {
    act: async ({ client, row, day }) =>
      client.auditEvent.update({
        where: { id: (await row(2, 10)).id },
        data: { day: day(1), seq: 11 },
      }),
    found: ['{2} 10 missing', '{1} 11 added'],
  },
  'a day that is deleted': {
    act: ({ client, day }) => client.auditDay.delete({ where: { day: day(1) } }),
    found: ['{0} day_missing', '{1} 1 day_missing'],
  },
  'a day that is deleted with its events': {
    act: async ({ client, day }) => {
      await client.auditEvent.deleteMany({ where: { day: day(1) } })
      await client.auditDay.delete({ where: { day: day(1) } })
    },
    found: ['{0} day_missing'],
  },
  'the newest day that is deleted with its events': {
    act: async ({ client, day }) => {
      await client.auditEvent.deleteMany({ where: { day: day(0) } })
      await client.auditDay.delete({ where: { day: day(0) } })
    },
    found: ['{1} day_missing'],
  },
  'the oldest days that are deleted with their events': {
    act: async ({ client, day }) => {
      await client.auditEvent.deleteMany({ where: { day: { lte: day(2) } } })
      await client.auditDay.deleteMany({ where: { day: { lte: day(2) } } })
    },
    found: ['{1} day_missing'],
  },
  'old days that are called pruned': {
    act: async ({ client, day }) => {
      await client.auditEvent.deleteMany({ where: { day: day(2) } })
      await client.auditDay.update({ where: { day: day(2) }, data: { state: 'pruned' } })
    },
    found: ['{2} forged_seal'],
  },
  'a day that is closed by hand': {
    act: ({ client, day }) =>
      client.auditDay.update({ where: { day: day(0) }, data: { state: 'closed' } }),
    found: ['{0} forged_seal', '{0} day_missing'],
  },
  'the newest events that are deleted, and their number': {
    act: async ({ client, row, day }) => {
      const { hash } = await row(0, 7)
      await client.auditEvent.deleteMany({ where: { day: day(0), seq: { gt: 7 } } })
      await client.auditDay.update({
        where: { day: day(0) },
        data: { count: 7, head: String(hash) },
      })
    },
    found: ['{0} forged_seal'],
  },
  'all days that are deleted': {
    act: ({ client }) => client.auditDay.deleteMany(),
    found: ['{2} 1 day_missing'],
  },
}

for (const [what, { act, found }] of Object.entries(changes)) {
  test(`audit verify finds ${what}`, async (t) => {
    const server = await startServer(t)
    await recordDays(server, 3)
    const { client } = server.database
    const day = (ago: number) => dayOf(server, ago)
    const row = (ago: number, seq: number) =>
      client.auditEvent.findFirstOrThrow({ where: { day: day(ago), seq } })
    assert.deepEqual(await problemsOf(server), [])

    await act({ server, client, row, day })

    const expected = found.map((text) =>
      text.replace(/\{(\d)\}/, (_, ago) => dateOf(day(Number(ago)))),
    )
    assert.deepEqual(await problemsOf(server), expected)
  })
}

test('audit verify counts days and events, and names the newest', async (t) => {
  const server = await startServer(t)
  await recordDays(server, 3)
  await server.database.client.auditEvent.create({
    data: { id: randomUUID(), at: new Date(0), type: 'signed_in' },
  })

  const { head, ...found } = await server.services.audit.verify()

  assert.deepEqual(found, { isWhole: true, days: 3, events: 30, unchained: 1, problems: [] })
  const newest = await server.database.client.auditEvent.findFirst({
    ...{ where: { day: dayOf(server) }, orderBy: { seq: 'desc' } },
  })
  assert.equal(head, newest?.hash)
})

test('audit verify of a server without events finds nothing wrong', async (t) => {
  const server = await startServer(t)

  const found = await server.services.audit.verify()

  const nothing = { days: 0, events: 0, unchained: 0, head: null, problems: [] }
  assert.deepEqual(found, { isWhole: true, ...nothing })
})

test('audit verify names the first twenty problems of many', async (t) => {
  const server = await startServer(t)
  await recordSome(server, 200)
  await server.database.client.auditEvent.updateMany({ data: { detail: 'nothing' } })

  const { isWhole, problems } = await server.services.audit.verify()

  assert.equal(isWhole, false)
  assert.deepEqual(
    problems.map(({ seq }) => seq),
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
})

test('What was changed by hand is not sealed by the events that follow', async (t) => {
  const server = await startServer(t)
  await recordSome(server)
  const { client } = server.database
  const day = dayOf(server)
  const { hash } = await client.auditEvent.findFirstOrThrow({ where: { day, seq: 7 } })
  await client.auditEvent.deleteMany({ where: { day, seq: { gt: 7 } } })
  await client.auditDay.update({ where: { day }, data: { count: 7, head: String(hash) } })

  await recordSome(server)

  assert.deepEqual(await problemsOf(server), [
    `${dateOf(day)} forged_seal`,
    `${dateOf(day)} changed`,
  ])
  assert.equal(await client.auditEvent.count({ where: { day: day + 1 } }), 10)
  assert.ok(server.logs.some(({ msg }) => msg === 'audit events are missing'))
})

test('A row in the place of the next event stops no event from being written', async (t) => {
  const server = await startServer(t)
  await recordSome(server)
  const { client } = server.database
  const last = await client.auditEvent.findFirstOrThrow({ orderBy: { seq: 'desc' } })
  await client.auditEvent.create({ data: { ...last, id: randomUUID(), seq: 11 } })

  await recordSome(server)

  assert.equal(await client.auditEvent.count(), 21)
  assert.equal(server.services.audit.droppedEvents(), 0)
  assert.deepEqual(await problemsOf(server), [`${dateOf(dayOf(server))} 11 added`])
})
