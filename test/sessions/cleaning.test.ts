// How long the server keeps what only it needs, and that its cleaner gets rid of all of it, a
// bounded number at a time.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { v7 as uuidv7 } from 'uuid'
import { startJobs } from '../../src/jobs.ts'
import { aSession } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { sharedServer } from '../support/houses.ts'

const DAY = 86_400_000
const BATCH = 50

type Kept = {
  /** How long a row is kept after its moment, in milliseconds. */
  keepMs: number
  clean: (server: TestServer) => Promise<boolean>
  /** Stores one row for each of the moments. */
  store: (server: TestServer, moments: Date[]) => Promise<unknown>
  /** The moments of the rows that are there. */
  left: (server: TestServer) => Promise<(Date | null)[]>
}

const times = <Row, Key extends keyof Row>(rows: Row[], key: Key) => rows.map((row) => row[key])

const kinds: Record<string, Kept> = {
  'an audit entry': {
    keepMs: 400 * DAY,
    clean: ({ services }) => services.audit.clean(),
    store: ({ database }, moments) =>
      database.client.auditEvent.createMany({
        data: moments.map((at) => ({ id: uuidv7({ msecs: +at }), at, type: 'registered' })),
      }),
    left: async ({ database }) =>
      times(await database.client.auditEvent.findMany({ orderBy: { at: 'asc' } }), 'at'),
  },
  'a session that was ended': {
    keepMs: DAY + 900_000,
    clean: ({ services }) => services.sessions.clean(),
    store: ({ database }, moments) =>
      database.client.session.createMany({
        data: moments.map((revokedAt) => ({ ...someSession(), revokedAt })),
      }),
    left: async ({ database }) =>
      times(
        await database.client.session.findMany({
          where: { userId: null },
          orderBy: { revokedAt: 'asc' },
        }),
        'revokedAt',
      ),
  },
  'a session whose time is over': {
    keepMs: DAY + 900_000,
    clean: ({ services }) => services.sessions.clean(),
    store: ({ database }, moments) =>
      database.client.session.createMany({
        data: moments.map((expiresAt) => ({ ...someSession(), expiresAt })),
      }),
    left: async ({ database }) =>
      times(
        await database.client.session.findMany({
          where: { userId: null },
          orderBy: { expiresAt: 'asc' },
        }),
        'expiresAt',
      ),
  },
  'an idempotency key': {
    keepMs: DAY,
    clean: ({ services }) => services.idempotency.clean(),
    store: async ({ database }, moments) => {
      const { id: userId } = await database.client.user.findFirstOrThrow()
      await database.client.idempotentRequest.createMany({
        data: moments.map((createdAt) => ({
          ...{ userId, keyHash: randomUUID(), requestHash: 'x', answer: '{}', createdAt },
        })),
      })
    },
    left: async ({ database }) =>
      times(
        await database.client.idempotentRequest.findMany({ orderBy: { createdAt: 'asc' } }),
        'createdAt',
      ),
  },
  'a count of failures': {
    keepMs: 0,
    clean: ({ services }) => services.lockout.clean(),
    store: ({ database }, moments) =>
      database.client.signInFailures.createMany({
        data: moments.map((expiresAt) => ({
          ...{ subject: randomUUID(), device: 'unknown', failures: 1, expiresAt },
        })),
      }),
    left: async ({ database }) =>
      times(
        await database.client.signInFailures.findMany({ orderBy: { expiresAt: 'asc' } }),
        'expiresAt',
      ),
  },
}

/** Of an account that is deleted. */
function someSession() {
  return { ...aSession(''), userId: null, expiresAt: new Date('2999-01-01T00:00:00Z') }
}

const theServer = sharedServer()

/** The server with somebody signed up, and without rows that other tests have left. */
async function emptied() {
  const server = await theServer()
  await signedUp(server)
  const { auditEvent, session, idempotentRequest, signInFailures } = server.database.client
  await auditEvent.deleteMany()
  await session.deleteMany({ where: { userId: null } })
  await idempotentRequest.deleteMany()
  await signInFailures.deleteMany()
  return server
}

const distances = (moments: (Date | null)[], from: number) =>
  moments.map((moment) => (moment?.getTime() ?? Number.NaN) - from)

for (const [what, { keepMs, clean, store, left }] of Object.entries(kinds)) {
  test(`${what} is kept for its time and no moment longer`, async () => {
    const server = await emptied()
    const limit = server.clock() - keepMs
    const around = [-1000, -1, 0, 1, 1000]
    await store(
      server,
      around.map((distance) => new Date(limit + distance)),
    )

    const hasMore = await clean(server)

    assert.deepEqual([hasMore, distances(await left(server), limit)], [false, [0, 1, 1000]])
  })

  test(`many of ${what} go in batches, also when all are of one moment`, async () => {
    const server = await emptied()
    const old = server.clock() - keepMs - 10_000
    const moments = Array.from({ length: 2 * BATCH }, (_, at) => new Date(old + at))
    await store(server, moments)

    const first = [await clean(server), (await left(server)).length]
    await clean(server)
    const second = [await clean(server), (await left(server)).length]
    await store(server, Array(BATCH + 1).fill(new Date(old)))
    await clean(server)
    await clean(server)

    assert.deepEqual(
      [first, second],
      [
        [true, BATCH],
        [false, 0],
      ],
    )
    assert.deepEqual(await left(server), [])
  })
}

/**
 * What goes on beside the traffic, on services that count their batches: how many they have, by
 * name.
 */
async function jobsOf(batches: Record<string, number>) {
  const cleaned: Record<string, number> = {}
  const cleaner = (name: string) => ({
    clean: async () => {
      cleaned[name] = (cleaned[name] ?? 0) + 1
      return cleaned[name] < (batches[name] ?? 0)
    },
  })
  const jobs = new Map<string, { everyMs: number; run: () => Promise<unknown> }>()
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const opened = Object.keys(batches).map((name) => ({ name, isOn: true, ...cleaner(name) }))
  await startJobs(opened, log, ({ name, ...job }) => {
    jobs.set(name, job)
    return { stop: async () => undefined }
  })
  return { jobs, cleaned }
}

test('once a minute each kind is cleaned, until nothing is left and for two hundred batches at most', async () => {
  const batches = { sessions: 1, audit: 2, lockout: 3, idempotency: 200, photos: 201 }
  const { jobs, cleaned } = await jobsOf(batches)

  await jobs.get('cleaner')?.run()

  assert.equal(jobs.get('cleaner')?.everyMs, 60_000)
  assert.deepEqual(cleaned, { ...batches, photos: 200 })
})

test('a kind that cannot be cleaned stops none of the others, and shows in the metrics', async () => {
  const runs: string[] = []
  const cleaning = (name: string, clean: () => boolean) => ({
    ...{ name, isOn: true },
    clean: async () => {
      runs.push(name)
      return clean()
    },
  })
  const fail = () => {
    throw new Error('no such table')
  }
  const opened = [cleaning('a', fail), cleaning('b', () => false)]
  const jobs = new Map<string, { run: () => Promise<unknown> }>()
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const { metrics } = await startJobs(opened, log, ({ name, ...job }) => {
    jobs.set(name, job)
    return { stop: async () => undefined }
  })
  const batches = metrics.find(({ name }) => name === 'latchkey_cleaner_batches_total')

  await assert.rejects(jobs.get('cleaner')?.run() ?? Promise.resolve(), /no such table/)

  assert.deepEqual(runs, ['a', 'b'])
  assert.deepEqual(batches?.read(), { a: 0, b: 1 })
})

test('the feed, the keys, the notes and left deletions come again within seconds', async () => {
  const { opened } = await theServer()
  const jobs = new Map(opened.flatMap(({ jobs = [] }) => jobs.map((job) => [job.name, job])))

  for (const name of ['revocation feed', 'key ring', 'seen tokens', 'deleted accounts']) {
    const { everyMs } = jobs.get(name) ?? {}
    assert.ok(everyMs !== undefined && everyMs <= 5_000, `${name}: ${everyMs}`)
  }
})
