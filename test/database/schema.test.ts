import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { deriveMysqlSchema } from '../../scripts/generate.mjs'
import { createSqliteAdapter } from '../../src/platform/database/sqlite/adapter.ts'
import {
  emptyDatabase,
  isMysql,
  openAt,
  openFreshDatabase,
  queryMysql,
} from '../support/databases.ts'
import { mysqlTables } from '../support/mysql-ddl.ts'
import { compareMysql } from '../support/mysql-difference.ts'
import { MYSQL_FAULTS } from '../support/mysql-faults.ts'
import { type Models, readModels } from '../support/prisma-models.ts'
import { openSchemaEngine } from '../support/schema-engine.ts'

if (!isMysql) {
  describe('the SQLite schema', () => {
    it('is what prisma/schema.prisma says, by the judgement of Prisma, after the migrations', async (t) => {
      const { url } = await openFreshDatabase(t)

      const missing = await (await engineFor(url)).difference()

      const isRight = missing === '-- This is an empty migration.'
      assert.ok(isRight, `prisma/sqlite/migrations lacks:\n\n${missing}`)
    })

    it('is seen to differ when a column or an index is missing', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      await client.$executeRaw`DROP INDEX Session_expiresAt_idx`
      await client.$executeRaw`ALTER TABLE User DROP COLUMN name`

      const difference = await (await engineFor(url)).difference()

      assert.match(difference, /ALTER TABLE "User" ADD COLUMN "name" TEXT;/)
      assert.match(difference, /CREATE INDEX "Session_expiresAt_idx"/)
    })

    it('has a ledger that `prisma migrate status` and `deploy` agree with', async (t) => {
      const { url } = await openFreshDatabase(t)
      const prisma = await engineFor(url)

      const status = await prisma.status()
      const deployed = await prisma.deploy()

      assert.deepEqual(deployed, [])
      assert.deepEqual(
        [status.hasMigrationsTable, status.editedMigrationNames, status.failedMigrationNames],
        [true, [], []],
      )
      assert.equal(status.history ?? null, null)
    })

    it('is left alone where `prisma migrate deploy` has made it', async (t) => {
      const url = await emptyDatabase(t)
      const database = await openAt(url)
      t.after(() => database.close())
      const prisma = await engineFor(url)

      const deployed = await prisma.deploy()

      assert.equal(deployed.length > 0, true)
      assert.deepEqual(await database.migrate(), [])
    })
  })
}

if (isMysql) {
  describe('the MySQL schema', () => {
    it('is what prisma/schema.prisma says after the migrations', async (t) => {
      const { url } = await openFreshDatabase(t)

      const missing = await (await compareMysql(t, await ourModels()))(url)

      assert.ok(missing === '', `prisma/mysql/migrations lacks:\n\n${missing}`)
    })

    it('shows any error of a migration, with the SQL that fixes it', async (t) => {
      const { url } = await openFreshDatabase(t)
      const difference = await compareMysql(t, await ourModels())
      const seen: Record<string, string> = {}

      for (const [fault, planted] of MYSQL_FAULTS) {
        await queryMysql(url, planted)
        const printed = await difference(url)
        seen[fault] = printed.replace(/^--.*\n/gm, '')
        await queryMysql(url, printed)
        assert.equal(await difference(url), '', fault)
      }

      const expected = MYSQL_FAULTS.map(([fault, , mended]) => [fault, mended])
      assert.deepEqual(seen, Object.fromEntries(expected))
    })

    it('is shown as it stands beside the SQL for a wrong column', async (t) => {
      const { url } = await openFreshDatabase(t)
      await queryMysql(url, 'ALTER TABLE User MODIFY COLUMN name VARCHAR(50)')

      const printed = await (await compareMysql(t, await ourModels()))(url)

      assert.match(printed, /^-- User\.name is varchar\(50\) NULL .*utf8mb4_\w+_bin$/m)
    })

    it('is printed as a whole for an empty database', async (t) => {
      const url = await emptyDatabase(t)
      const difference = await compareMysql(t, await ourModels())

      await queryMysql(url, await difference(url))

      assert.equal(await difference(url), '')
    })

    it('compares every text byte by byte, without padding, in InnoDB', async (t) => {
      const { url } = await openFreshDatabase(t)

      const tables = await queryMysql(
        url,
        `SELECT DISTINCT engine e, table_collation c FROM information_schema.tables
         WHERE table_schema = DATABASE() AND table_name NOT IN ('_prisma_migrations', '_latchkey_locks')`,
      )

      assert.equal(tables.length, 1)
      assert.equal(tables[0]?.e, 'InnoDB')
      assert.match(String(tables[0]?.c), /^utf8mb4_(0900|nopad)_bin$/)
    })

    it('can have every type, default, index and relation of Prisma', async (t) => {
      const url = await emptyDatabase(t)
      const difference = await compareMysql(t, await readModels(await fixture('every-type.prisma')))

      const printed = await difference(url)

      assert.equal(`${printed}\n`, await fixture('every-type.sql'))
      await queryMysql(url, printed)
      assert.equal(await difference(url), '')
    })

    for (const [what, lines, message] of [
      ['a list of numbers', 'x Int[]', /does not support lists of primitive types/],
      ['a type of the server alone', 'x Unsupported("point")?', /cannot read "Unsupported\("/],
      ['a field that Prisma ignores', 'x Int @ignore', /cannot read "@ignore"/],
      ['two lists that name each other', 'x Other[]', /A\.x is a many-to-many relation/],
    ] as const) {
      it(`refuses ${what}, and says what to do`, async () => {
        const others = 'model Other {\n  id Int @id\n  as A[]\n}\n'
        const schema = `datasource db {\n  provider = "mysql"\n}\nmodel A {\n  id Int @id\n  ${lines}\n}\n`
        const read = async () =>
          mysqlTables(await readModels(schema + (lines.includes('Other') ? others : '')))

        await assert.rejects(read, message)
      })
    }
  })
}

const engineFor = (url: string) => openSchemaEngine(createSqliteAdapter(url.slice('file:'.length)))

const fixture = (name: string) => readFile(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

let models: Promise<Models> | undefined

/** Those of the product; reading them takes a second. */
function ourModels(): Promise<Models> {
  models ??= readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
    .then(deriveMysqlSchema)
    .then(readModels)
  return models
}
