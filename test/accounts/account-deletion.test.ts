import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { BATCH, inBatches } from '../../src/platform/database/batches.ts'
import { auditTypes, call } from '../support/answers.ts'
import { isMysql, openAt, queryMysql } from '../support/databases.ts'
import { bearer, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { manyHouses } from '../support/house-rows.ts'
import { aHouse, ask, assertRefused, countHouses, newAdmin, newHouse } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { call as callProcess, launch, SECRET } from '../support/process.ts'

/** More than a request waits for, and more than one turn of the job takes away. */
const HOUSES = 8_000

const QUIET = { LOG_LEVEL: 'fatal' }

const remove = (server: TestServer, person: Person) =>
  ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

/** Somebody with more of everything than fits in one batch. */
async function withMuch(server: TestServer): Promise<Person> {
  const person = await signedUp(server)
  const { client } = server.database
  const userId = person.user.id
  await manyHouses(server, person, HOUSES)
  const rows = Array.from({ length: 2 * BATCH + 1 }, () => randomUUID())
  const at = new Date(server.clock())
  const session = await client.session.findFirstOrThrow({ where: { userId } })
  await client.session.createMany({ data: rows.map((id) => ({ ...session, id })) })
  const key = { userId, requestHash: '-', answer: '{}', createdAt: at }
  await client.idempotentRequest.createMany({ data: rows.map((id) => ({ ...key, keyHash: id })) })
  const failure = { subject: userId, failures: 1, expiresAt: new Date(server.clock() + 1e9) }
  await client.signInFailures.createMany({ data: rows.map((id) => ({ ...failure, device: id })) })
  return person
}

/** How many rows each table has of the user. */
async function remainsOf({ database: { client } }: TestServer, { user }: Person) {
  const { id: userId } = user
  return {
    users: await client.user.count({ where: { id: userId } }),
    houses: await client.house.count({ where: { ownerId: userId } }),
    keys: await client.idempotentRequest.count({ where: { userId } }),
    failures: await client.signInFailures.count({ where: { subject: userId } }),
    sessions: await client.session.count({ where: { userId } }),
  }
}

const NOTHING = { users: 0, houses: 0, keys: 0, failures: 0, sessions: 0 }

/** What the job of the server does, until it has nothing to do. */
async function finish({ services, database, queries }: TestServer): Promise<number> {
  const from = queries.length
  const deadline = performance.now() + 60_000
  const isLeft = async () =>
    (await database.client.user.count({ where: { deletionDueAt: { not: null } } })) > 0
  while ((await services.deletion.proceed()) || (await isLeft())) {
    assert.ok(performance.now() < deadline, 'an account is never done')
  }
  return queries.slice(from).filter((sql) => /^UPDATE .*User.* SET .*deletionDueAt/.test(sql))
    .length
}

test('DELETE /me of a large account closes it at once, frees its names, and deletes the rest in batches', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const [person, other] = [await withMuch(server), await signedUp(server)]
  const kept = await newHouse(server, other)

  const gone = await remove(server, person)
  const left = await countHouses(server, person)
  const again = await remove(server, person)
  const login = { username: person.username, password: PASSWORD }
  const refused = await call(server, 'POST /login', login)
  const anew = await signedUp(server, { username: person.username, email: person.email })
  const turns = await finish(server)

  assert.equal(gone.statusCode, 204, gone.body)
  assert.ok(left > 0 && left < HOUSES, `${left} were left to the job`)
  assertRefused(again, 'session_ended')
  assertRefused(refused, 'invalid_credentials')
  assert.ok(turns > 1, `${turns} turns`)
  assert.deepEqual(await remainsOf(server, person), NOTHING)
  assert.equal((await ask(server, `GET /houses/${kept.id}`, other)).statusCode, 200)
  assert.equal(
    (await call(server, 'GET /me', undefined, bearer(anew.access_token))).statusCode,
    200,
  )
  // The revocation feed reads the ends of sessions without their user.
  const over = { userId: null, revokedReason: 'account_deleted' }
  assert.equal(await server.database.client.session.count({ where: over }), 2 * BATCH + 2)
})

test('no statement of a deletion takes more than a batch, and the user goes last', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await withMuch(server)
  const from = server.queries.length

  await remove(server, person)
  await finish(server)

  const statements = server.queries.slice(from).map((sql, n) => ({
    table:
      /^(?:DELETE FROM|UPDATE) \W?(?:[\w.]+\W+)?(House|IdempotentRequest|SignInFailures|Session|User)\b/.exec(
        sql.replace(/`[\w]+`\.`/, '`'),
      )?.[1],
    isDeletion: sql.startsWith('DELETE'),
    values: server.values[from + n]?.length ?? 0,
  }))
  const deletions = statements.filter(({ isDeletion }) => isDeletion)
  const of = (table: string) => deletions.filter((statement) => statement.table === table)
  assert.ok(of('House').length >= HOUSES / BATCH, `${of('House').length} for the houses`)
  assert.ok(of('IdempotentRequest').length >= 3 && of('SignInFailures').length >= 3)
  for (const { table, values } of deletions) {
    if (table !== 'User') assert.ok(values > 0 && values <= BATCH + 2, `${table}: ${values} values`)
  }
  const left = server.queries
    .slice(from)
    .filter((sql) => /^UPDATE .*Session.* SET .*userId/.test(sql))
  assert.ok(left.length >= 3, `${left.length} for the sessions, before the user goes`)
  assert.equal(of('User').length, 1)
  assert.equal(deletions.at(-1)?.table, 'User')
})

test('each batch is read behind the one before, which is not looked at again', async () => {
  const pages = [['a', 'b'], ['c'], []]
  const asked: string[] = []
  const written: string[][] = []
  const turns: number[] = []
  const read = async (after: string) => pages[asked.push(after) - 1] ?? []

  for await (const _ of inBatches({ read, write: async (keys) => written.push(keys) })) {
    turns.push(written.length)
  }

  assert.deepEqual(asked, ['', 'b', 'c'])
  assert.deepEqual(written, [['a', 'b'], ['c']])
  assert.deepEqual(turns, [1, 2], 'it comes back after each')
})

test('a closed account accepts nothing more, even while the server still deletes its data', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const [person, admin] = [await withMuch(server), await newAdmin(server)]
  const { houses } = server.services
  const administration = operator(server)
  const actor = { userId: person.user.id, isAdmin: false }
  const draft = { projectName: 'x', projectAddress: null }
  await remove(server, person)
  const left = await countHouses(server, person)

  const make = (key?: string) => houses.create(actor, { ...draft, projectNo: uniqueName() }, key)

  await assert.rejects(make(), { message: /session/i })
  await assert.rejects(make(uniqueName('key')), { message: /session/i })
  await assert.rejects(administration.enable(person.username), { message: /no account/ })
  await assert.rejects(administration.enable(''), { message: /no account/ })
  assert.equal(await countHouses(server, person), left)
  assert.equal((await ask(server, 'POST /houses', admin, { body: aHouse() })).statusCode, 201)
})

test('another server takes over a job once its lease has expired, and not before', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url, env: QUIET })
  const two = await startServer(t, { url, env: QUIET, clock: one.clock })
  const person = await withMuch(one)
  // As a server leaves it that dies right after the first transaction.
  const { client } = one.database
  const deletionDueAt = new Date(one.clock() + 60_000)
  const closed = { username: '', disabledAt: new Date(one.clock()), deletionDueAt }
  await client.user.updateMany({ where: { id: person.user.id }, data: closed })

  const early = await two.services.deletion.proceed()
  const untouched = await countHouses(one, person)
  one.clock.advance(60)
  const late = await two.services.deletion.proceed()
  const row = await client.user.findUniqueOrThrow({ where: { id: person.user.id } })
  await finish(two)

  assert.deepEqual([early, untouched], [false, HOUSES + 3])
  assert.equal(late, true)
  assert.equal(row.deletionDueAt?.getTime(), one.clock())
  assert.deepEqual(await remainsOf(one, person), NOTHING)
})

test('while one server takes an account away, another one leaves it alone', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url, env: QUIET })
  const two = await startServer(t, { url, env: QUIET, clock: one.clock })
  const person = await signedUp(one)
  await manyHouses(one, person, 40 * BATCH)
  const all = await countHouses(one, person)
  const at = new Date(one.clock())
  const closed = { username: '', disabledAt: at, deletionDueAt: at }
  await one.database.client.user.updateMany({ where: { id: person.user.id }, data: closed })

  const working = one.services.deletion.proceed()
  while ((await countHouses(one, person)) === all) await sleep(1)
  const other = await two.services.deletion.proceed()
  await working

  assert.equal(other, false)
  assert.deepEqual(await remainsOf(one, person), NOTHING)
})

test('two servers at work on one account take all of it away, and fail at nothing', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url, env: QUIET })
  const two = await startServer(t, { url, env: QUIET, clock: one.clock })
  const person = await withMuch(one)

  const [gone] = await Promise.all([
    remove(one, person),
    (async () => {
      for (let n = 0; n < 20; n++) {
        one.clock.advance(61)
        await finish(two)
        await sleep(10)
      }
    })(),
  ])
  await Promise.all([finish(one), finish(two)])

  assert.equal(gone.statusCode, 204, gone.body)
  assert.deepEqual(await remainsOf(one, person), NOTHING)
})

test('a deletion whose rows cannot be taken away now is done, and finished later', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const person = await signedUp(server)
  await newHouse(server, person)
  const run = (sql: string) =>
    isMysql ? queryMysql(url, sql) : server.database.client.$executeRawUnsafe(sql)
  await run(
    isMysql
      ? "CREATE TRIGGER broken BEFORE DELETE ON House FOR EACH ROW SIGNAL SQLSTATE '45000'"
      : "CREATE TRIGGER broken BEFORE DELETE ON House BEGIN SELECT RAISE(ABORT, 'broken'); END",
  )

  const gone = await remove(server, person)
  await run('DROP TRIGGER broken')
  const before = await remainsOf(server, person)
  server.clock.advance(61)
  await finish(server)

  assert.equal(gone.statusCode, 204, gone.body)
  assert.deepEqual([before.users, before.houses], [1, 1])
  assert.deepEqual(await remainsOf(server, person), NOTHING)
  assert.ok((await auditTypes(server)).includes('account_deleted'))
})

test('nobody can stand in the way of a deletion by a name', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const id = person.user.id.replaceAll('-', '')
  const short = Buffer.from(id, 'hex').toString('base64url')
  for (const username of [id, id.slice(1), short, id.toUpperCase()]) {
    const email = `${username}@example.com`
    await call(server, 'POST /register', { username, email, password: PASSWORD })
  }

  const gone = await remove(server, person)

  assert.equal(gone.statusCode, 204, gone.body)
  assert.deepEqual(await remainsOf(server, person), NOTHING)
})

test('a server killed in the middle of a deletion leaves one that the next start finishes', async (t) => {
  const url = await freshDatabase(t)
  const masterSecrets = [Buffer.from(SECRET)]
  const server = await startServer(t, { url, env: QUIET, masterSecrets })
  const person = await withMuch(server)
  const bystander = await signedUp(server)
  const kept = await newHouse(server, bystander)
  const { username } = person
  await server.close()

  const left = await killInTheMiddle(t, url, username)
  await forgetLease(url)
  const next = await launch({ url })
  t.after(() => next.stop())
  const isGone = await waitUntil(async () => (await rowsOf(url, person.user.id)) === 0)

  assert.ok(left > 0 && left < HOUSES, `${left} were left`)
  assert.ok(isGone, 'the next start finished it')
  const database = await openAt(url)
  t.after(() => database.close())
  assert.deepEqual(await remainsOf({ database } as TestServer, person), NOTHING)
  assert.ok(await database.client.house.findUnique({ where: { id: kept.id } }))
})

/**
 * Deletes the account, and kills the server while rows are going. @returns how many houses are left
 */
async function killInTheMiddle(t: TestContext, url: string, username: string): Promise<number> {
  const dying = await launch({ url })
  t.after(() => dying.stop('SIGKILL'))
  const body = { username, password: PASSWORD }
  const login = await callProcess(dying, 'POST', '/login', { body })
  const { access_token: token, user } = login.body as Person
  const before = await rowsOf(url, user.id)
  const answer = callProcess(dying, 'DELETE', '/me', { token, body: { currentPassword: PASSWORD } })
  answer.catch(() => undefined)
  await waitUntil(async () => (await rowsOf(url, user.id)) < before)
  await dying.stop('SIGKILL')
  return rowsOf(url, user.id)
}

async function rowsOf(url: string, ownerId: string): Promise<number> {
  const database = await openAt(url)
  try {
    const users = await database.client.user.count({ where: { id: ownerId } })
    return users + (await database.client.house.count({ where: { ownerId } }))
  } finally {
    await database.close()
  }
}

/** As if the minute were over in which no other server takes the account up. */
async function forgetLease(url: string): Promise<void> {
  const database = await openAt(url)
  const where = { deletionDueAt: { not: null } }
  const { count } = await database.client.user.updateMany({
    where,
    data: { deletionDueAt: new Date() },
  })
  await database.close()
  assert.equal(count, 1)
}

/** @returns false when it does not come in half a minute */
async function waitUntil(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let wait = 0; wait < 600; wait++) {
    if (await isSo()) return true
    await sleep(50)
  }
  return false
}
