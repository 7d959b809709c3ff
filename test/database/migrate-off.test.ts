// A start with MIGRATE=off changes no table, and says what is missing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  emptyDatabase,
  isMysql,
  migrateAt,
  openAt,
  openFreshDatabase,
  queryMysql,
} from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { latchkey, staffed } from '../support/operator.ts'

const OFF = { MIGRATE: 'off', LOG_LEVEL: 'fatal' }

test('MIGRATE=off starts on a database that is migrated', async (t) => {
  const { url } = await openFreshDatabase(t)

  const servers = [await startServer(t, { url, env: OFF }), await startServer(t, { url, env: OFF })]

  for (const server of servers) {
    await signedUp(server)
    assert.equal((await server.inject({ url: '/readyz' })).statusCode, 200)
  }
})

test('MIGRATE=off names what is missing and the command that applies it, and makes no table', async (t) => {
  const url = await emptyDatabase(t)

  await assert.rejects(startServer(t, { url, env: OFF }), {
    message:
      /^MIGRATE=off: the database lacks the migrations 20261121000000_init, 20261121120000_houses, .*\. Apply them with "latchkey migrate" \(npm run cli -- migrate\) or "prisma migrate deploy"/,
  })

  if (isMysql) assert.deepEqual(await queryMysql(url, 'SHOW TABLES'), [])
  assert.notDeepEqual(await migrateAt(url), [])
})

test('latchkey migrate applies them with MIGRATE=off, too', async (t) => {
  const url = await emptyDatabase(t)
  const { settings } = await staffed(t)
  const env = { ...settings, ...OFF, DATABASE_URL: url }

  const refused = await latchkey(['user', 'list'], { env })
  const applied = await latchkey(['migrate'], { env })

  assert.equal(refused.code, 1)
  assert.equal(applied.out, 'The database is up to date.\n')
  assert.equal((await latchkey(['user', 'list'], { env })).code, 0)
})

test('MIGRATE=off names an unfinished and an edited migration, and refuses a newer one as ever', async (t) => {
  const { url } = await openFreshDatabase(t)
  const database = await openAt(url)
  t.after(() => database.close())
  const change = (assignment: string, name: string) =>
    database.client.$executeRawUnsafe(
      `UPDATE _prisma_migrations SET ${assignment} WHERE migration_name LIKE '%${name}'`,
    )
  const message = () =>
    startServer(t, { url, env: OFF }).then(
      () => 'it started',
      (error: Error) => error.message,
    )

  await change('finished_at = NULL', '_factors')
  await change("checksum = 'x'", '_notes')
  const both = await message()
  await change("migration_name = '29990101000000_later', finished_at = started_at", '_factors')
  const newer = await message()

  assert.match(both, /^MIGRATE=off: The migrations \d+_factors started and did not finish\. Wait/)
  assert.match(both, / The migration \d+_notes was edited after it was applied\. Restore/)
  assert.match(newer, /The database has the migration 29990101000000_later, which this version/)
})
