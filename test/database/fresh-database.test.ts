import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyDatabase, isMysql, migrateAt, queryMysql } from '../support/databases.ts'
import { freshDatabase } from '../support/fresh-database.ts'

// On SQLite, it is a copy of the whole file.
const skip = isMysql ? false : 'runs on MySQL'

test('The database of a test is what the migrations make', { skip }, async (t) => {
  const migrated = await emptyDatabase(t)
  await migrateAt(migrated)

  const fresh = await freshDatabase(t)

  assert.deepEqual(await allOf(fresh), await allOf(migrated))
  assert.deepEqual(await migrateAt(fresh), [])
})

/** Tables with their columns, keys and options, and their rows without times and ids. */
async function allOf(url: string) {
  // The lock of the migrations leaves a row.
  await queryMysql(url, 'DELETE FROM _latchkey_locks')
  const names = (await queryMysql(url, 'SHOW TABLES')).flatMap((row) => Object.values(row))
  const tables = names.map(async (name) => ({
    made: (await queryMysql(url, `SHOW CREATE TABLE \`${name}\``))[0]?.['Create Table'],
    rows: (await queryMysql(url, `SELECT * FROM \`${name}\``))
      .map(({ id, started_at, finished_at, ...row }) => JSON.stringify(row))
      .sort(),
  }))
  const others = await queryMysql(
    url,
    `SELECT trigger_name n FROM information_schema.triggers WHERE trigger_schema = DATABASE()
     UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
     UNION ALL SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE()`,
  )
  return { tables: await Promise.all(tables), others: others.map(({ n }) => n) }
}
