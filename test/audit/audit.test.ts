import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mariadb'
import type { UserId } from '../../src/platform/ids.ts'
import { auditTypes, call } from '../support/answers.ts'
import { openAt } from '../support/databases.ts'
import { bearer, signedIn, signedUp } from '../support/factories.ts'
import { databaseKind, freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { call as ask, startProcess } from '../support/process.ts'

/** An answer that takes as long waits for the lock. */
const GIVE_UP_MS = 10_000
/** More than are written together by far. */
const MANY = 2000
const DEVICE = { ip: '192.0.2.1', userAgent: null }

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
