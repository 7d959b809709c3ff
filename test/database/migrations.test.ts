import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Connection } from 'mariadb'
import { takeLock } from '../../src/platform/database/mysql/migration-lock.ts'
import { runSteps, statementsIn } from '../../src/platform/database/mysql/migration-steps.ts'
import { openConnection } from '../../src/platform/database/sqlite/connection.ts'
import {
  emptyDatabase,
  isMysql,
  migrateAt,
  openAt,
  queryMysql,
  scratchDirectory,
} from '../support/databases.ts'

const shipped = fileURLToPath(
  new URL(`../../prisma/${isMysql ? 'mysql' : 'sqlite'}/migrations`, import.meta.url),
)
const names = readdirSync(shipped).filter((name) => name !== 'migration_lock.toml')

/**
 * The outcome of three statements of which one changes what was changed before, with so many
 * counted.
 */
async function goOn(steps: number, isUncertain: boolean, isThere: string): Promise<string[]> {
  const sent: string[] = []
  const query = async (sql: string) => {
    if (sql.startsWith('ALTER')) sent.push(sql)
    if (sql === isThere) throw Object.assign(new Error('Duplicate column'), { errno: 1060 })
  }
  const connection = { query } as unknown as Connection
  const sql = 'ALTER one; ALTER two; ALTER three'
  const migration = { name: 'a', checksum: '', sql }
  await runSteps(connection, migration, { id: '', steps, isUncertain }, async () => undefined)
  return sent
}

describe('a MySQL migration that continues', () => {
  it('passes over what may be done and is not counted', async () => {
    assert.deepEqual(await goOn(1, true, 'ALTER two'), ['ALTER two', 'ALTER three'])
    assert.deepEqual((await goOn(0, true, 'ALTER three')).length, 3)
  })

  it('fails at what cannot be done: one that is not the next, and any after an exact count', async () => {
    await assert.rejects(
      goOn(1, true, 'ALTER three'),
      /^Error: Statement 3 of 3: Duplicate column$/,
    )
    await assert.rejects(goOn(1, false, 'ALTER two'), /^Error: Statement 2 of 3: Duplicate column$/)
  })
})

it('a lock that somebody else has taken is not renewed', async () => {
  const state = { affectedRows: 1 }
  const connection = { query: async () => state, end: async () => undefined }
  const connect = async () => connection as unknown as Connection
  const needs = { name: 'migrate', connection: await connect(), connect }
  const lock = await takeLock({ ...needs, isSettled: async () => false })

  await lock?.renew()
  state.affectedRows = 0

  await assert.rejects(
    async () => lock?.renew(),
    /^Error: Another process has taken the lock "migrate".$/,
  )
  await lock?.release()
})

describe('migrations', () => {
  it('are applied once, in order, and noted in the ledger as Prisma does it', async (t) => {
    const url = await emptyDatabase(t)
    const database = await openAt(url)
    t.after(() => database.close())

    const applied = [await database.migrate(), await database.migrate()]

    assert.deepEqual(applied, [names, []])
    const ledger = await query(
      url,
      'SELECT migration_name, checksum, logs, rolled_back_at, applied_steps_count, finished_at >= started_at AS finished FROM _prisma_migrations ORDER BY migration_name',
    )
    assert.deepEqual(
      ledger,
      names.map((name) => ({
        ...{ migration_name: name, checksum: checksumOf(name), logs: null, rolled_back_at: null },
        ...{ applied_steps_count: 1, finished: 1 },
      })),
    )
  })

  it('are applied by one of several processes that start at the same time', async (t) => {
    const url = await emptyDatabase(t)
    const script = fileURLToPath(new URL('../support/migrating.ts', import.meta.url))
    const start = () => promisify(execFile)(process.execPath, ['--import', 'tsx', script, url])

    const outcomes = await Promise.all([start(), start(), start()])

    const applied = outcomes.flatMap(({ stdout }) => JSON.parse(stdout) as string[])
    assert.deepEqual(applied.sort(), names)
    const [row] = await query(url, 'SELECT COUNT(*) AS n FROM _prisma_migrations')
    assert.deepEqual(row, { n: names.length })
  })

  it('are refused by name when one was edited after it was applied', async (t) => {
    const { url, directory } = await withTwo(t)
    const file = join(directory, '20990101000000_second', 'migration.sql')
    writeFileSync(file, `${readFileSync(file, 'utf8')}-- edited\n`)

    await assert.rejects(migrateAt(url, directory), {
      message:
        'The migration 20990101000000_second was edited after it was applied. Restore the original file, and put the change into a new migration.',
    })
  })

  it('are not refused for line ends that a checkout changed', async (t) => {
    const { url, directory } = await withTwo(t)
    const file = join(directory, '20990101000000_second', 'migration.sql')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'))

    assert.deepEqual(await migrateAt(url, directory), [])
  })

  it('are refused by name when the database is of a newer version', async (t) => {
    const { url } = await withTwo(t)

    await assert.rejects(migrateAt(url, shipped), {
      message: /^The database has the migration 20990101000000_second, which this version/,
    })
  })

  it('are refused by name when one was begun, did not finish and was edited, until it is marked', async (t) => {
    const { url, directory } = await withTwo(t)
    await query(
      url,
      "UPDATE _prisma_migrations SET finished_at = NULL, checksum = 'another' WHERE migration_name LIKE '%second'",
    )

    const refused = migrateAt(url, directory)

    await assert.rejects(refused, {
      message:
        /^The migration 20990101000000_second started and did not finish\. .*prisma migrate resolve --rolled-back 20990101000000_second/,
    })
    await query(url, 'DROP TABLE Second')
    await query(
      url,
      "UPDATE _prisma_migrations SET rolled_back_at = started_at WHERE migration_name LIKE '%second'",
    )
    assert.deepEqual(await migrateAt(url, directory), ['20990101000000_second'])
  })

  it('name the one that fails, with the reason', async (t) => {
    const { url, directory } = await withTwo(t)
    addMigration(directory, '20990102000000_third', 'CREATE TABLE Third (id INTEGER);\nNONSENSE;\n')

    const failing = migrateAt(url, directory)

    await assert.rejects(failing, {
      message: /^The migration 20990102000000_third failed.*NONSENSE/s,
    })
    const rows = await query(
      url,
      "SELECT finished_at, logs FROM _prisma_migrations WHERE migration_name LIKE '%third'",
    )
    if (isMysql) {
      assert.match(String(rows[0]?.logs), /NONSENSE/)
      await assert.rejects(migrateAt(url, directory), {
        message: /^The migration 20990102000000_third failed.*NONSENSE/s,
      })
    } else {
      assert.deepEqual(rows, [])
      await assert.rejects(query(url, 'SELECT * FROM Third'), { message: /no such table/ })
    }
  })
})

if (isMysql) {
  describe('migrations that stopped half-way', () => {
    const last = '20261121120000_houses'
    const steps = statementsIn(readFileSync(join(shipped, last, 'migration.sql'), 'utf8'))

    for (let done = 0; done <= steps.length; done += 1) {
      it(`continue after statement ${done} of ${steps.length}, counted or not`, async (t) => {
        const [whole, ...stopped] = await Promise.all([
          emptyDatabase(t),
          ...[0, done - 1, done].map((counted) =>
            counted < 0 ? undefined : stoppedHalfway(t, last, { done, counted }),
          ),
        ])
        await migrateAt(whole, shipped)

        for (const url of stopped) {
          if (url === undefined) continue
          const applied = await migrateAt(url, shipped)
          assert.deepEqual(applied, names.slice(names.indexOf(last)))
          assert.deepEqual(await schemaOf(url), await schemaOf(whole))
        }
      })
    }

    it('fail again where a table of another kind is in the way', async (t) => {
      const { url, directory } = await withTwo(t)
      addMigration(directory, '20990102000000_third', 'CREATE TABLE Second (other INTEGER);\n')

      for (const _ of [1, 2]) {
        await assert.rejects(migrateAt(url, directory), { message: /'Second' already exists/ })
      }
    })

    it('count changes of rows exactly once', async (t) => {
      const { url, directory } = await withTwo(t)
      const sql = [
        'INSERT INTO Second VALUES (1);',
        'UPDATE Second SET id = id + 1;',
        'CREATE TABLE Third (id INTEGER);',
        'SELECT * FROM Fourth;',
      ]
      addMigration(directory, '20990102000000_third', `-- A; comment\n${sql.join('\n')}\n`)

      for (const _ of [1, 2]) await assert.rejects(migrateAt(url, directory), { message: /Fourth/ })
      await query(url, 'CREATE TABLE Fourth (id INTEGER)')

      assert.deepEqual(await migrateAt(url, directory), ['20990102000000_third'])
      assert.deepEqual(await query(url, 'SELECT id FROM Second'), [{ id: 2 }])
      const [row] = await query(
        url,
        "SELECT logs, applied_steps_count AS steps FROM _prisma_migrations WHERE migration_name LIKE '%third'",
      )
      assert.deepEqual(row, { logs: null, steps: 1 })
    })
  })

  describe('the lock of the migrations', () => {
    it('lets fifteen starts at the same time all succeed, one of them applying', async (t) => {
      const url = await emptyDatabase(t)

      const applied = await Promise.all(Array.from({ length: 15 }, () => migrateAt(url, shipped)))

      assert.deepEqual(applied.flat(), names)
    })

    it('keeps a start from judging what a living holder has begun', async (t) => {
      const { url, directory } = await withTwo(t)
      await query(
        url,
        "UPDATE _prisma_migrations SET finished_at = NULL, checksum = 'another' WHERE migration_name LIKE '%second'",
      )
      await query(
        url,
        "UPDATE _latchkey_locks SET holder = 'somebody', until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR",
      )

      const waiting = migrateAt(url, directory)
      assert.equal(await Promise.race([waiting, sleep(1000, 'waits')]), 'waits')
      const ours = checksumOf('20990101000000_second', directory)
      await query(
        url,
        `UPDATE _prisma_migrations SET finished_at = started_at, checksum = '${ours}' WHERE migration_name LIKE '%second'`,
      )

      assert.deepEqual(await waiting, [])
    })

    it('passes from a holder that died to the next one when its lease has expired', async (t) => {
      const url = await stoppedHalfway(t, '20261121120000_houses', { done: 1, counted: 1 })
      await query(
        url,
        "UPDATE _latchkey_locks SET holder = 'dead', until = UTC_TIMESTAMP(3) + INTERVAL 2 SECOND",
      )

      const early = migrateAt(url, shipped)
      const first = await Promise.race([early, sleep(1000, 'waits')])

      assert.equal(first, 'waits')
      assert.deepEqual(await early, names.slice(1))
      const [lock] = await query(
        url,
        'SELECT until <= UTC_TIMESTAMP(3) AS free FROM _latchkey_locks',
      )
      assert.deepEqual(lock, { free: 1 })
    })
  })
}

/**
 * A database in which the process that applied a migration was killed after some of its statements.
 */
async function stoppedHalfway(
  t: TestContext,
  name: string,
  { done, counted }: { done: number; counted: number },
): Promise<string> {
  const url = await emptyDatabase(t)
  const directory = join(scratchDirectory(t), 'earlier')
  mkdirSync(directory)
  for (const earlier of names.slice(0, names.indexOf(name))) {
    cpSync(join(shipped, earlier), join(directory, earlier), { recursive: true })
  }
  await migrateAt(url, directory)
  await query(
    url,
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, applied_steps_count) VALUES (UUID(), '${checksumOf(name)}', '${name}', ${counted})`,
  )
  const sql = readFileSync(join(shipped, name, 'migration.sql'), 'utf8')
  for (const statement of statementsIn(sql).slice(0, done)) await query(url, statement)
  return url
}

/** Every column and every index, as the server tells them. */
function schemaOf(url: string) {
  return query(
    url,
    `SELECT table_name AS t, column_name AS c, column_type AS what, ordinal_position AS at FROM information_schema.columns WHERE table_schema = DATABASE()
     UNION ALL SELECT table_name, index_name, column_name, seq_in_index FROM information_schema.statistics WHERE table_schema = DATABASE()
     UNION ALL SELECT table_name, constraint_name, referenced_table_name, 0 FROM information_schema.key_column_usage WHERE table_schema = DATABASE()
     ORDER BY 1, 2, 3, 4`,
  )
}

const pathOf = (url: string) => url.slice('file:'.length)

/** A database on which a second migration was applied, and the directory that has it. */
async function withTwo(t: TestContext) {
  const url = await emptyDatabase(t)
  const directory = join(scratchDirectory(t), 'migrations')
  cpSync(shipped, directory, { recursive: true })
  addMigration(directory, '20990101000000_second', 'CREATE TABLE Second (id INTEGER);\n')
  const database = await openAt(url)
  await database.close()
  await migrateAt(url, directory)
  return { url, directory }
}

function addMigration(directory: string, name: string, sql: string): void {
  mkdirSync(join(directory, name))
  writeFileSync(join(directory, name, 'migration.sql'), sql)
}

function checksumOf(name: string, directory = shipped): string {
  return createHash('sha256')
    .update(readFileSync(join(directory, name, 'migration.sql')))
    .digest('hex')
}

/** Rows of one statement on either database, with plain numbers. */
async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const rows = isMysql ? await queryMysql(url, sql) : querySqlite(url, sql)
  if (!Array.isArray(rows)) return []
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : value,
      ]),
    ),
  )
}

function querySqlite(url: string, sql: string): Record<string, unknown>[] {
  const connection = openConnection(pathOf(url), { readOnly: false })
  try {
    const { names, rows } = connection.query(sql, [])
    return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
  } finally {
    connection.close()
  }
}
