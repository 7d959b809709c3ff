import type { TestContext } from 'node:test'
import { emptyDatabase, queryMysql } from './databases.ts'
import {
  addForeignKey,
  COLLATED,
  createAll,
  createTable,
  mysqlTables,
  type Table,
} from './mysql-ddl.ts'
import type { Models } from './prisma-models.ts'

type Tables = ReturnType<typeof mysqlTables>
/** What the server says of one table: by name, its columns, indexes and foreign keys. */
type Found = Record<keyof Table, Map<string, string>> & { options: string }

const OURS = "('_prisma_migrations', '_latchkey_locks')"

/**
 * Compares MySQL databases with models. The tables of the models go into a database of their own,
 * so that the server says of both what they are.
 * @returns gives the SQL that is missing to make a database what the models say; empty when it is
 */
export async function compareMysql(t: TestContext, models: Models) {
  const tables = mysqlTables(models)
  const wantedUrl = await emptyDatabase(t)
  await queryMysql(wantedUrl, createAll(tables))
  const wanted = await tablesAt(wantedUrl)
  return async (url: string) => difference(tables, await tablesAt(url), wanted)
}

function difference(tables: Tables, found: Map<string, Found>, wanted: Map<string, Found>): string {
  const dropped: string[] = []
  const altered: string[] = []
  const added: string[] = []
  for (const name of new Set([...tables.keys(), ...found.keys()])) {
    const [table, is, should] = [tables.get(name), found.get(name), wanted.get(name)]
    if (!table || !should) altered.push(`-- DropTable\nDROP TABLE \`${name}\`;`)
    else if (!is) altered.push(`-- CreateTable\n${createTable(name, table)}`)
    else altered.push(...alterations(name, table, is, should))
    dropped.push(...foreignKeysToDrop(name, is, should))
    added.push(...foreignKeysToAdd(name, table, is, should))
  }
  return [...dropped, ...altered, ...added].join('\n\n')
}

function alterations(name: string, table: Table, is: Found, should: Found): string[] {
  const options = is.options === should.options ? [] : ['ENGINE = InnoDB', `CONVERT TO ${COLLATED}`]
  const columns = compare(table.columns, is.columns, should.columns)
  const indexes = compare(table.indexes, is.indexes, should.indexes)
  const notes = [...columns.wrong, ...indexes.wrong].map(
    ([key, now]) => `-- ${name}.${key} is ${now}`,
  )
  const clauses = [
    ...options,
    ...columns.missing.map((definition) => `ADD COLUMN ${definition}`),
    ...columns.wrong.map(([, , definition]) => `MODIFY COLUMN ${definition}`),
    ...columns.extra.map((column) => `DROP COLUMN \`${column}\``),
    ...indexes.wrong.flatMap(([index, , definition]) => [dropIndex(index), `ADD ${definition}`]),
    ...indexes.extra.map(dropIndex),
    ...indexes.missing.map((definition) => `ADD ${definition}`),
  ]
  if (clauses.length === 0) return []
  if (options.length > 0) notes.unshift(`-- ${name} is ${is.options}`)
  return [
    ['-- AlterTable', ...notes, `ALTER TABLE \`${name}\` ${clauses.join(',\n    ')};`].join('\n'),
  ]
}

type Texts = Map<string, string>

/** What the server adds by itself, such as the index of a foreign key, is in `should` alone. */
function compare(definitions: Texts, is: Texts, should: Texts) {
  const all = [...definitions]
  return {
    missing: all.filter(([key]) => !is.has(key)).map(([, definition]) => definition),
    wrong: all.flatMap(([key, definition]) => {
      const now = is.get(key)
      return now === undefined || now === should.get(key) ? [] : [[key, now, definition] as const]
    }),
    extra: [...is.keys()].filter((key) => !should.has(key)),
  }
}

const dropIndex = (name: string): string =>
  name === 'PRIMARY' ? 'DROP PRIMARY KEY' : `DROP INDEX \`${name}\``

function foreignKeysToDrop(name: string, is?: Found, should?: Found): string[] {
  return [...(is?.foreignKeys ?? [])]
    .filter(([key, now]) => should?.foreignKeys.get(key) !== now)
    .map(([key]) => `-- DropForeignKey\nALTER TABLE \`${name}\` DROP FOREIGN KEY \`${key}\`;`)
}

function foreignKeysToAdd(name: string, table?: Table, is?: Found, should?: Found): string[] {
  return [...(table?.foreignKeys ?? [])]
    .filter(([key]) => should?.foreignKeys.get(key) !== is?.foreignKeys.get(key))
    .map(([, definition]) => `-- AddForeignKey\n${addForeignKey(name, definition)}`)
}

async function tablesAt(url: string): Promise<Map<string, Found>> {
  const tables = await queryMysql(
    url,
    `SELECT table_name t, CONCAT_WS(' ', engine, table_collation) v FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name NOT IN ${OURS}`,
  )
  const found = new Map(
    tables.map(({ t: name, v }) => [String(name), { ...emptyTable(), options: String(v) }]),
  )
  for (const part of ['columns', 'indexes', 'foreignKeys'] as const) {
    for (const { t: name, n, v } of await queryMysql(url, QUERIES[part]))
      found.get(String(name))?.[part].set(String(n), String(v))
  }
  return found
}

const emptyTable = (): Table => ({
  columns: new Map(),
  indexes: new Map(),
  foreignKeys: new Map(),
})

/** Rows of a table, a name and all that matters about it, in the words of the server. */
const QUERIES = {
  columns: `
    SELECT table_name t, column_name n, CONCAT_WS(' ', column_type,
      IF(is_nullable = 'YES', 'NULL', 'NOT NULL'), CONCAT('DEFAULT ', column_default),
      NULLIF(extra, ''), collation_name) v
    FROM information_schema.columns WHERE table_schema = DATABASE()`,
  indexes: `
    SELECT table_name t, index_name n, CONCAT(IF(MIN(non_unique), '', 'UNIQUE '), MIN(index_type),
      ' (', GROUP_CONCAT(CONCAT_WS(' ', column_name, sub_part, IF(collation = 'D', 'DESC', NULL))
        ORDER BY seq_in_index SEPARATOR ', '), ')') v
    FROM information_schema.statistics WHERE table_schema = DATABASE()
    GROUP BY table_name, index_name`,
  foreignKeys: `
    SELECT k.table_name t, k.constraint_name n, CONCAT(
      GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position), ' REFERENCES ',
      MIN(k.referenced_table_name), '(',
      GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position),
      ') ON DELETE ', MIN(r.delete_rule), ' ON UPDATE ', MIN(r.update_rule)) v
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
    WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL
    GROUP BY k.table_name, k.constraint_name`,
}
