import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openDatabase } from '../src/platform/database.ts'
import { migrateMysql } from '../src/platform/migrations-mysql.ts'
import { migrateSqlite } from '../src/platform/migrations-sqlite.ts'
import { openConnection } from '../src/platform/sqlite-connection.ts'
import { emptyDatabase, isMysql, queryMysql, scratchDirectory } from './databases.ts'

const shipped = fileURLToPath(
  new URL(`../prisma/${isMysql ? 'mysql' : 'sqlite'}/migrations`, import.meta.url),
)
const names = readdirSync(shipped).filter((name) => name !== 'migration_lock.toml')

describe('migrations', () => {
  it('are applied once, in order, and noted in the ledger as Prisma does it', async (t) => {
    const url = await emptyDatabase(t)
    const database = await openDatabase({ url })
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
    const script = fileURLToPath(new URL('migrating.ts', import.meta.url))
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

    await assert.rejects(migrate(url, directory), {
      message:
        'The migration 20990101000000_second was edited after it had been applied. Restore its file as it was, and put the change into a new migration.',
    })
  })

  it('are not refused for line ends that a checkout changed', async (t) => {
    const { url, directory } = await withTwo(t)
    const file = join(directory, '20990101000000_second', 'migration.sql')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'))

    assert.deepEqual(await migrate(url, directory), [])
  })

  it('are refused by name when the database is of a newer version', async (t) => {
    const { url } = await withTwo(t)

    await assert.rejects(migrate(url, shipped), {
      message: /^The database has the migration 20990101000000_second, which this version/,
    })
  })

  it('are refused by name when one was begun and did not finish, until it is marked', async (t) => {
    const { url, directory } = await withTwo(t)
    await query(
      url,
      "UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%second'",
    )

    const refused = migrate(url, directory)

    await assert.rejects(refused, {
      message:
        /^The migration 20990101000000_second was begun and did not finish\. .*prisma migrate resolve --rolled-back 20990101000000_second/,
    })
    await query(url, 'DROP TABLE Second')
    await query(
      url,
      "UPDATE _prisma_migrations SET rolled_back_at = started_at WHERE migration_name LIKE '%second'",
    )
    assert.deepEqual(await migrate(url, directory), ['20990101000000_second'])
  })

  it('name the one that fails, with the reason', async (t) => {
    const { url, directory } = await withTwo(t)
    addMigration(directory, '20990102000000_third', 'CREATE TABLE Third (id INTEGER);\nNONSENSE;\n')

    const failing = migrate(url, directory)

    await assert.rejects(failing, {
      message: /^The migration 20990102000000_third failed.*NONSENSE/s,
    })
    const rows = await query(
      url,
      "SELECT finished_at, logs FROM _prisma_migrations WHERE migration_name LIKE '%third'",
    )
    if (isMysql) {
      assert.match(String(rows[0]?.logs), /NONSENSE/)
      await assert.rejects(migrate(url, directory), {
        message: /_third was begun and did not finish/,
      })
    } else {
      assert.deepEqual(rows, [])
      await assert.rejects(query(url, 'SELECT * FROM Third'), { message: /no such table/ })
    }
  })
})

const migrate = (url: string, directory: string) =>
  isMysql ? migrateMysql(url, directory) : migrateSqlite(pathOf(url), directory)

const pathOf = (url: string) => url.slice('file:'.length)

/** A database on which a second migration was applied, and the directory that has it. */
async function withTwo(t: TestContext) {
  const url = await emptyDatabase(t)
  const directory = join(scratchDirectory(t), 'migrations')
  cpSync(shipped, directory, { recursive: true })
  addMigration(directory, '20990101000000_second', 'CREATE TABLE Second (id INTEGER);\n')
  const database = await openDatabase({ url })
  await database.close()
  await migrate(url, directory)
  return { url, directory }
}

function addMigration(directory: string, name: string, sql: string): void {
  mkdirSync(join(directory, name))
  writeFileSync(join(directory, name, 'migration.sql'), sql)
}

function checksumOf(name: string): string {
  return createHash('sha256')
    .update(readFileSync(join(shipped, name, 'migration.sql')))
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
