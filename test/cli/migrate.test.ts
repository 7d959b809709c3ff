// What `latchkey migrate` says and does.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { databaseUrl } from '../../src/config/database-url.ts'
import { emptyDatabase, isMysql, migrateAt, openAt } from '../support/databases.ts'
import { latchkey, staffed } from '../support/operator.ts'

type Status = { isNewer: boolean; migrations: { name: string; state: string }[] }

const statesOf = ({ migrations }: Status) => [...new Set(migrations.map(({ state }) => state))]

test('migrate --status changes nothing, and needs no secret; migrate applies what is pending', async (t) => {
  const url = await emptyDatabase(t)
  const { settings } = await staffed(t)
  const env = { ...settings, DATABASE_URL: url }
  const look = async () =>
    JSON.parse((await latchkey(['migrate', '--status', '--json'], { env })).out)

  const before: Status = await look()
  const untouched: Status = await look()
  const isMade = isMysql || existsSync(url.slice('file:'.length))
  const applied = await latchkey(['migrate', '--json'], { env })
  const again = await latchkey(['migrate'], { env })
  const after: Status = await look()

  const names = before.migrations.map(({ name }) => name)
  assert.deepEqual(statesOf(before), ['pending'])
  assert.deepEqual(untouched, before)
  assert.equal(isMade, isMysql)
  assert.deepEqual(JSON.parse(applied.out), { applied: names })
  assert.equal(again.out, 'The database is up to date.\n')
  assert.deepEqual(statesOf(after), ['applied'])
  assert.equal(after.isNewer, false)
  assert.deepEqual(await migrateAt(url), [])
})

test('migrate --status says that the database is newer, with exit code 0; migrate refuses it', async (t) => {
  const { url, run } = await staffed(t)
  const database = await openAt(url)
  t.after(() => database.close())
  await database.client.$executeRawUnsafe(
    `UPDATE _prisma_migrations SET migration_name = '29990101000000_later' WHERE migration_name LIKE '%_factors'`,
  )

  const status = await run('migrate --status')
  const json: Status = JSON.parse((await run('migrate --status --json')).out)
  const refused = await run('migrate')

  assert.equal(status.code, 0)
  assert.match(status.out, /^pending +\d+_factors$/m)
  assert.match(status.out, /^newer {4}29990101000000_later$/m)
  assert.match(
    status.out,
    /^\d+ applied, 1 pending\.\nThe database is newer than this version of Latchkey\.\n$/m,
  )
  assert.equal(json.isNewer, true)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /29990101000000_later, which this version of Latchkey does not know/)
})

test('migrate --status names an unfinished and an edited migration', async (t) => {
  const { url, json } = await staffed(t)
  const database = await openAt(url)
  t.after(() => database.close())
  await database.client.$executeRawUnsafe(
    `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%_factors'`,
  )
  await database.client.$executeRawUnsafe(
    `UPDATE _prisma_migrations SET checksum = 'x' WHERE migration_name LIKE '%_notes'`,
  )

  const { migrations } = await json<Status>('migrate --status')

  const others = migrations.filter(({ state }) => state !== 'applied')
  assert.deepEqual(
    others.map(({ name, state }) => [name.replace(/^\d+_/, ''), state]),
    [
      ['notes', 'edited'],
      ['factors', 'unfinished'],
    ],
  )
})

test('migrate --status of a MySQL that is away says so without the password', {
  skip: isMysql ? false : 'runs on MySQL',
}, async () => {
  const url = 'mysql://latchkey:kept-to-ourselves@127.0.0.1:1/latchkey'
  assert.equal(databaseUrl(url).kind, 'mysql')

  const { code, out, err } = await latchkey(['migrate', '--status'], { env: { DATABASE_URL: url } })

  assert.deepEqual([code, out], [1, ''])
  assert.match(
    err,
    /^Database: MySQL latchkey at 127\.0\.0\.1:1\nDATABASE_URL: the database cannot/,
  )
})
