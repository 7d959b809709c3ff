import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { openDatabase } from '../src/platform/database.ts'
import { createSqliteAdapter } from '../src/platform/sqlite-adapter.ts'
import { emptyDatabase, isMysql, openFreshDatabase, queryMysql } from './databases.ts'
import { openSchemaEngine } from './schema-engine.ts'

if (!isMysql) {
  describe('the SQLite schema', () => {
    it('is what prisma/schema.prisma says, by the judgement of Prisma, after the migrations', async (t) => {
      const { url } = await openFreshDatabase(t)

      const difference = await (await engineFor(url)).difference()

      assert.equal(difference, '-- This is an empty migration.')
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
      const database = await openDatabase({ url })
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
    it('has the tables, columns, types and defaults that the derived schema says', async (t) => {
      const { url } = await openFreshDatabase(t)

      const columns = await queryMysql(
        url,
        `SELECT table_name t, column_name c, column_type y, is_nullable n, column_default d
         FROM information_schema.columns
         WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations'`,
      )

      const found = columns.map(({ t: table, c, y, n, d }) =>
        [`${table}.${c}`, plainType(y), n === 'YES' ? 'NULL' : 'NOT NULL', plainDefault(d)].join(
          ' ',
        ),
      )
      assert.deepEqual(found.sort(), wantedColumns().sort())
    })

    it('has the indexes and foreign keys that the derived schema says', async (t) => {
      const { url } = await openFreshDatabase(t)

      const indexes = await queryMysql(
        url,
        `SELECT table_name t, index_name i, MIN(non_unique) u, GROUP_CONCAT(column_name ORDER BY seq_in_index) c
         FROM information_schema.statistics
         WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations'
         GROUP BY table_name, index_name`,
      )
      const keys = await queryMysql(
        url,
        `SELECT constraint_name c, referenced_table_name r, delete_rule d, update_rule u
         FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()`,
      )

      const found = indexes.map(
        ({ t: table, i, u, c }) => `${table} ${i} ${Number(u) ? '' : 'unique '}(${c})`,
      )
      assert.deepEqual(found.sort(), wantedIndexes().sort())
      assert.deepEqual(keys.map((key) => Object.values(key).join(' ')).sort(), wantedKeys().sort())
    })

    it('compares every text byte by byte, without padding, in InnoDB', async (t) => {
      const { url } = await openFreshDatabase(t)

      const engines = await queryMysql(
        url,
        `SELECT DISTINCT engine e FROM information_schema.tables WHERE table_schema = DATABASE()`,
      )
      const collations = await queryMysql(
        url,
        `SELECT DISTINCT collation_name c FROM information_schema.columns
         WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations' AND collation_name IS NOT NULL`,
      )

      assert.deepEqual(engines, [{ e: 'InnoDB' }])
      assert.equal(collations.length, 1)
      assert.match(String(collations[0]?.c), /^utf8mb4_(0900|nopad)_bin$/)
    })
  })
}

const engineFor = (url: string) => openSchemaEngine(createSqliteAdapter(url.slice('file:'.length)))

type Field = { model: string; name: string; type: string; isOptional: boolean; attributes: string }

// A small reader of the schema's few forms; what it does not know is an error and not a gap.
function readSchema() {
  const text = readFileSync(new URL('../prisma/mysql/schema.prisma', import.meta.url), 'utf8')
  const models = [...text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)]
  const lines = models.flatMap(([, model = '', body = '']) =>
    body.split('\n').map((line) => ({ model, line: line.trim() })),
  )
  return {
    fields: lines.flatMap(({ model, line }) => readField(model, line)),
    groups: lines.flatMap(({ model, line }) => readGroup(model, line)),
  }
}

function readGroup(model: string, line: string) {
  const [, kind, columns] = /^@@(index|id)\(\[(.*)\]\)$/.exec(line) ?? []
  return columns === undefined
    ? []
    : [{ model, columns: columns.split(', '), isKey: kind === 'id' }]
}

function readField(model: string, line: string): Field[] {
  const parts = /^(\w+)\s+(\w+)(\?|\[\])?(.*)$/.exec(line)
  if (!parts) {
    assert.match(line, /^(\/\/\/.*|@@(index|id)\(.*)?$/)
    return []
  }
  const [, name = '', type = '', suffix, attributes = ''] = parts
  return suffix === '[]' ? [] : [{ model, name, type, isOptional: suffix === '?', attributes }]
}

const isRelation = ({ attributes }: Field) => attributes.includes('@relation')

function wantedColumns(): string[] {
  const { fields } = readSchema()
  return fields
    .filter((field) => !isRelation(field))
    .map((field) => {
      const value = /@default\("?(.*?)"?\)/.exec(field.attributes)?.[1]
      const nullable = field.isOptional ? 'NULL' : 'NOT NULL'
      return [
        `${field.model}.${field.name}`,
        wantedType(field),
        nullable,
        plainDefault(value),
      ].join(' ')
    })
}

function wantedType({ type, attributes, name }: Field): string {
  const native = /@db\.(\w+)\((\d+)\)/.exec(attributes)
  if (native) return `${native[1]?.toLowerCase()}(${native[2]})`
  const known = { Boolean: 'tinyint(1)', DateTime: 'datetime(3)', Int: 'int' }[type]
  assert.ok(known, `${name} has no MySQL type`)
  return known
}

function wantedIndexes(): string[] {
  const { fields, groups } = readSchema()
  const single = fields.flatMap(({ model, name, attributes }) => {
    if (/@id\b/.test(attributes)) return [`${model} PRIMARY unique (${name})`]
    return /@unique\b/.test(attributes) ? [`${model} ${model}_${name}_key unique (${name})`] : []
  })
  const several = groups.map(({ model, columns, isKey }) => {
    const name = isKey ? 'PRIMARY unique' : `${model}_${columns.join('_')}_idx`
    return `${model} ${name} (${columns.join(',')})`
  })
  return [...single, ...several]
}

function wantedKeys(): string[] {
  const { fields } = readSchema()
  return fields.filter(isRelation).map(({ model, type, attributes }) => {
    const column = /fields: \[(\w+)\]/.exec(attributes)?.[1]
    const rule = /onDelete: (\w+)/.exec(attributes)?.[1] === 'Cascade' ? 'CASCADE' : 'SET NULL'
    return `${model}_${column}_fkey ${type} ${rule} CASCADE`
  })
}

// MySQL 8 has no display width for integers, MariaDB has.
function plainType(type: unknown): string {
  return String(type).replace(/^int\(\d+\)$/, 'int')
}

function plainDefault(value: unknown): string {
  if (value === null || value === undefined || value === 'NULL') return ''
  return String(value)
    .replaceAll("'", '')
    .replace(/^false$/, '0')
}
