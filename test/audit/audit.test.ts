import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mariadb'
import { createFolding } from '../../src/features/audit/folding.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { auditTypes, call } from '../support/answers.ts'
import { openAt } from '../support/databases.ts'
import { bearer, signedIn, signedUp } from '../support/factories.ts'
import { databaseKind, freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { call as ask, startProcess } from '../support/process.ts'

const DAY_SECONDS = 86_400
/** Events of one type and one user that have a row of their own in one day. */
const SINGLE = 100
/** An answer that takes as long waits for the lock. */
const GIVE_UP_MS = 10_000
/** More than are written together by far. */
const MANY = 2000
const DEVICE = { ip: '192.0.2.1', userAgent: null }

test('Events beyond a hundred of one type and one user in a day share one row that counts', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const type = 'sign_in_failed'
  const times = (count: number, name: string) => {
    const userId = name as UserId
    for (let at = 0; at < count; at++) {
      server.services.audit.record({ type, userId, device: { ...DEVICE, userAgent: `${at}` } })
    }
  }

  times(SINGLE + 30, 'one')
  times(SINGLE, 'other')
  const first = await countsOf(server)
  server.clock.advance(1)
  times(5, 'one')
  await server.services.audit.written()
  const [shared] = await sharedRows(server)
  server.clock.advance(DAY_SECONDS)
  times(1, 'one')

  assert.deepEqual(first, { one: [SINGLE, 30], other: [SINGLE] })
  assert.equal(shared?.count, 35)
  assert.deepEqual(
    [shared?.userAgent, shared?.at.getTime()],
    ['4', server.clock() - DAY_SECONDS * 1000],
  )
  assert.deepEqual((await countsOf(server)).one, [SINGLE + 1, 35])
})

test('What an administrator does to others has a row each, however much it is', async (t) => {
  const server = await startServer(t)
  const names = Array.from({ length: SINGLE + 20 }, (_, at) => `house ${at}`)

  for (const detail of names) {
    const userId = 'admin' as UserId
    server.services.audit.record({ type: 'house_changed_by_admin', userId, detail })
  }
  await server.services.audit.written()

  const rows = await server.database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })
  assert.deepEqual(
    rows.map(({ detail }) => detail),
    names,
  )
})

test('Events of nobody known are counted by their network, and several servers share the row', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock })
  const events = SINGLE + 20

  for (const server of [one, other]) {
    for (let at = 0; at < events; at++) {
      const ip = `2001:db8:1:1::${at.toString(16)}`
      server.services.audit.record({
        type: 'sign_in_failed',
        userId: null,
        device: { ...DEVICE, ip },
      })
    }
    server.services.audit.record({ type: 'sign_in_failed', userId: null, device: DEVICE })
    await server.services.audit.written()
  }

  const counts = (await sharedRows(one)).map(({ count }) => count)
  assert.deepEqual(counts, [40])
  assert.equal(await one.database.client.auditEvent.count(), 2 * SINGLE + 1 + 2)
})

const DAY = DAY_SECONDS * 1000
const FAILURE = { at: 1000 * DAY, type: 'sign_in_failed', userId: 'ann', ip: null }

/** Counts a hundred failures of one user, and what is one too many from then on. */
function full() {
  const { foldedInto } = createFolding()
  for (let at = 0; at < SINGLE; at++) assert.equal(foldedInto(FAILURE), undefined)
  const isFull = (event: object = {}) => foldedInto({ ...FAILURE, ...event }) !== undefined
  return { foldedInto, isFull }
}

test('Many events of one type hide none of another type, of another user, or of the next day', () => {
  const { isFull } = full()

  assert.deepEqual([{}, { at: FAILURE.at + DAY - 1 }].map(isFull), [true, true])
  assert.deepEqual(
    [{ type: 'password_changed' }, { userId: 'bob' }, { at: FAILURE.at + DAY }].map(isFull),
    [false, false, false],
  )
})

test('Of 20,000 users whose events are counted the one is forgotten that was quiet for longest', () => {
  const { foldedInto, isFull } = full()
  const others = (count: number, kind: string) => {
    for (let at = 0; at < count; at++) foldedInto({ ...FAILURE, userId: `${kind} ${at}` })
  }

  others(19_999, 'early')
  const before = isFull()
  others(1, 'one more')
  const kept = isFull()
  others(20_000, 'late')

  assert.deepEqual([before, kept, isFull()], [true, true, false])
})

test('A row that the database refuses is counted as dropped, and the request is answered', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env: { METRICS: 'on' } })
  const person = await signedUp(server)
  await refuse(server, 'signed_out')

  const { statusCode } = await call(server, 'POST /logout', undefined, bearer(person.access_token))
  await signedIn(server, person)

  assert.equal(statusCode, 200)
  assert.deepEqual(await auditTypes(server), ['registered', 'signed_in', 'signed_in'])
  assert.equal(server.services.audit.droppedEvents(), 1)
  assert.ok(server.logs.some(({ event }) => event === 'signed_out'))
  assert.ok(server.logs.some(({ msg }) => msg === 'one of the audit entries could not be written'))
})

test('SIGTERM right after the answers loses no entry', async (t) => {
  const url = await freshDatabase(t)
  const server = await startProcess(t, { url })

  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const body = {
        username: `name-${at}`,
        email: `${at}@example.com`,
        password: 'a sentence to keep',
      }
      assert.equal((await ask(server, 'POST', '/register', { body })).status, 201)
    }),
  )
  assert.equal(await server.stop('SIGTERM'), 0, server.output())

  assert.equal(await entriesIn(url), 80)
})

test('The end of a server writes every entry that waits', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })

  for (let at = 0; at < MANY; at++) {
    const userId = `user ${at}` as UserId
    server.services.audit.record({ type: 'signed_in', userId, device: DEVICE })
  }
  await server.close()

  assert.equal(await entriesIn(url), MANY)
})

if (databaseKind === 'mysql') {
  test('No request waits for a locked table of entries, and a stop waits a bounded time', async (t) => {
    const url = await freshDatabase(t)
    const server = await startServer(t, { url })
    const person = await signedUp(server)
    const release = await lockEntries(url)

    const answers = (async () => {
      await signedIn(server, person)
      return call(server, 'POST /logout', undefined, bearer(person.access_token))
    })()
    const gaveUp = sleep(GIVE_UP_MS, undefined, { ref: false })
    const answer = await Promise.race([answers, gaveUp]).finally(release)
    assert.equal(answer?.statusCode, 200)

    assert.equal((await auditTypes(server)).length, 4)
    const releaseAtLast = await lockEntries(url)
    await signedIn(server, person)
    await server.close().finally(releaseAtLast)
    assert.equal(server.services.audit.droppedEvents(), 1)
  })
}

/** How many rows of their own each user has, and what the row counts that the others share. */
async function countsOf({ database, services }: TestServer): Promise<Record<string, number[]>> {
  await services.audit.written()
  const rows = await database.client.auditEvent.findMany()
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
  return database.client.auditEvent.findMany({ where: { count: { gt: 1 } } })
}

/** Makes the database refuse every entry of one type. */
async function refuse({ database }: TestServer, type: string): Promise<void> {
  const action =
    databaseKind === 'mysql'
      ? `FOR EACH ROW IF NEW.type = '${type}' THEN SIGNAL SQLSTATE '45000'; END IF`
      : `WHEN NEW.type = '${type}' BEGIN SELECT RAISE(ABORT, 'on purpose'); END`
  await database.client.$executeRawUnsafe(
    `CREATE TRIGGER refuse_entries BEFORE INSERT ON AuditEvent ${action}`,
  )
}

/** Keeps everybody else from the table of entries. @returns what ends it */
async function lockEntries(url: string): Promise<() => Promise<void>> {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const database = pathname.slice(1)
  const connection = await createConnection({
    host,
    port: Number(port || 3306),
    user,
    password,
    database,
  })
  await connection.query('LOCK TABLES AuditEvent WRITE')
  return () => connection.end()
}

async function entriesIn(url: string): Promise<number> {
  const database = await openAt(url)
  try {
    return await database.client.auditEvent.count()
  } finally {
    await database.close()
  }
}
