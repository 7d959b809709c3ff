import type { DMMF } from '@prisma/client/runtime/client'
import type { Models } from './prisma-models.ts'

// The tables that models of Prisma need on MySQL, as `prisma migrate` writes them. Its schema
// engine for Node knows no MySQL, so its rules stand here once more.

/** A table: by name, what `CREATE TABLE` says of its columns, indexes and foreign keys. */
export type Table = Record<'columns' | 'indexes' | 'foreignKeys', Map<string, string>>

type Schema = Models & { byName: Map<string, DMMF.Model> }
type Field = DMMF.Field

/** Compares texts as SQLite does. Each server skips the comment that is meant for the other. */
export const COLLATED =
  'CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100300 COLLATE utf8mb4_nopad_bin */'

const NAME_MAX = 64
const TYPES: Record<string, string> = {
  String: 'VARCHAR(191)',
  Boolean: 'BOOLEAN',
  Int: 'INTEGER',
  BigInt: 'BIGINT',
  Float: 'DOUBLE',
  Decimal: 'DECIMAL(65, 30)',
  DateTime: 'DATETIME(3)',
  Json: 'JSON',
  Bytes: 'LONGBLOB',
}

/** The tables of all models, by name. */
export function mysqlTables(models: Models): Map<string, Table> {
  const byName = new Map(models.models.map((model) => [model.name, model]))
  const schema = { ...models, byName }
  return new Map(models.models.map((model) => [nameOf(model), tableOf(schema, model)]))
}

/** One statement, without the foreign keys, whose tables may come later. */
export function createTable(name: string, { columns, indexes }: Table): string {
  const lines = (definitions: Map<string, string>) =>
    [...definitions.values()].map((definition) => `    ${definition}`).join(',\n')
  return `CREATE TABLE \`${name}\` (\n${lines(columns)},\n\n${lines(indexes)}\n) ENGINE = InnoDB DEFAULT ${COLLATED};`
}

export const addForeignKey = (table: string, definition: string): string =>
  `ALTER TABLE \`${table}\` ADD ${definition};`

/** Everything, for an empty database. */
export function createAll(tables: Map<string, Table>): string {
  const keys = [...tables].flatMap(([name, { foreignKeys }]) =>
    [...foreignKeys.values()].map((definition) => addForeignKey(name, definition)),
  )
  return [...[...tables].map(([name, table]) => createTable(name, table)), ...keys].join('\n')
}

function tableOf(schema: Schema, model: DMMF.Model): Table {
  const stored = model.fields.filter(({ kind }) => kind !== 'object')
  const relations = model.fields.filter(({ kind }) => kind === 'object')
  for (const field of relations) refuseHiddenTable(schema, model, field)
  return {
    columns: new Map(stored.map((field) => [nameOf(field), columnOf(schema, model, field)])),
    indexes: new Map(
      schema.indexes
        .filter((index) => index.model === model.name)
        .map((index) => indexOf(model, index))
        // The primary key comes last.
        .sort(([a], [b]) => Number(a === 'PRIMARY') - Number(b === 'PRIMARY')),
    ),
    foreignKeys: new Map(
      relations
        .filter(({ relationFromFields }) => relationFromFields?.length)
        .map((field) => foreignKeyOf(schema, model, field)),
    ),
  }
}

/** Two lists that name each other have a table of their own that no model shows. */
function refuseHiddenTable({ byName }: Schema, model: DMMF.Model, field: Field): void {
  const others = byName.get(field.type)?.fields ?? []
  const back = others.find(
    (other) => other.relationName === field.relationName && other.name !== field.name,
  )
  if (field.isList && back?.isList)
    throw new Error(
      `${model.name}.${field.name} is a many-to-many relation: write its table as a model`,
    )
}

function columnOf(schema: Schema, model: DMMF.Model, field: Field): string {
  const type = typeOf(schema, model, field)
  const nullable = field.isRequired ? 'NOT NULL' : 'NULL'
  return `\`${nameOf(field)}\` ${type} ${nullable}${defaultOf(schema, field, type)}`
}

function typeOf({ enums }: Schema, model: DMMF.Model, field: Field): string {
  const known = enums.find(({ name }) => name === field.type)
  if (known) return `ENUM(${known.values.map((value) => quoted(nameOf(value))).join(', ')})`
  if (field.nativeType) {
    const [name, args] = field.nativeType
    const type = name.replace(/^Unsigned(\w+)$/, '$1')
    const sign = name === type ? '' : ' UNSIGNED'
    return `${type.toUpperCase()}${args.length > 0 ? `(${args.join(', ')})` : ''}${sign}`
  }
  const type = TYPES[field.type]
  if (!type || field.isList)
    throw new Error(
      `${model.name}.${field.name}: ${field.type}${field.isList ? '[]' : ''} is no column of MySQL
that test/support/mysql-ddl.ts knows. Add it to TYPES, or take another type.`,
    )
  return type
}

function defaultOf(schema: Schema, field: Field, type: string): string {
  const value = field.default
  if (value === undefined) return ''
  if (typeof value !== 'object') return ` DEFAULT ${literal(schema, field, type, value)}`
  const { name, args } = value as DMMF.FieldDefault
  if (name === 'autoincrement') return ' AUTO_INCREMENT'
  if (name === 'now') return ` DEFAULT CURRENT_TIMESTAMP${/\(\d\)/.exec(type)?.[0] ?? ''}`
  if (name === 'dbgenerated') return ` DEFAULT ${args[0]}`
  // The client makes the rest: uuid() and its like.
  return ''
}

function literal({ enums }: Schema, field: Field, type: string, value: unknown): string {
  const text = String(value)
  if (field.kind === 'enum') {
    const values = enums.find(({ name }) => name === field.type)?.values ?? []
    return quoted(nameOf(values.find(({ name }) => name === text) ?? { name: text }))
  }
  if (field.type === 'DateTime')
    return quoted(new Date(text).toISOString().slice(0, -1).replace('T', ' '))
  if (field.type === 'Bytes') return `(X'${Buffer.from(text, 'base64').toString('hex')}')`
  if (field.type === 'Json' || /TEXT$/.test(type)) return `(${quoted(text)})`
  return field.type === 'String' ? quoted(text) : text
}

const KINDS = { unique: 'UNIQUE INDEX', normal: 'INDEX', fulltext: 'FULLTEXT INDEX' }

function indexOf(model: DMMF.Model, index: DMMF.Index): [name: string, definition: string] {
  const columns = index.fields.map(({ name, length, sortOrder }) => {
    const part = length === undefined ? '' : `(${length})`
    return `\`${columnName(model, name)}\`${part}${sortOrder === 'desc' ? ' DESC' : ''}`
  })
  if (index.type === 'id') return ['PRIMARY', `PRIMARY KEY (${columns.join(', ')})`]
  const names = index.fields.map((field) => columnName(model, field.name))
  const suffix = index.type === 'unique' ? '_key' : '_idx'
  const name = index.dbName ?? constraintName(model, names, suffix)
  return [name, `${KINDS[index.type]} \`${name}\`(${columns.join(', ')})`]
}

function foreignKeyOf(schema: Schema, model: DMMF.Model, field: Field): [string, string] {
  const target = schema.byName.get(field.type) ?? model
  const own = (field.relationFromFields ?? []).map((name) => columnName(model, name))
  const others = (field.relationToFields ?? []).map((name) => columnName(target, name))
  const name = constraintName(model, own, '_fkey')
  const onDelete = field.relationOnDelete ?? (field.isRequired ? 'Restrict' : 'SetNull')
  const list = (names: string[]) => names.map((column) => `\`${column}\``).join(', ')
  return [
    name,
    `CONSTRAINT \`${name}\` FOREIGN KEY (${list(own)}) REFERENCES \`${nameOf(target)}\`(${list(others)}) ON DELETE ${action(onDelete)} ON UPDATE ${action(field.relationOnUpdate ?? 'Cascade')}`,
  ]
}

/** `SetNull` is `SET NULL`. */
const action = (rule: string): string => rule.replace(/(?<=[a-z])(?=[A-Z])/, ' ').toUpperCase()

function constraintName(model: DMMF.Model, columns: string[], suffix: string): string {
  return [nameOf(model), ...columns].join('_').slice(0, NAME_MAX - suffix.length) + suffix
}

function columnName(model: DMMF.Model, name: string): string {
  return nameOf(model.fields.find((field) => field.name === name) ?? { name })
}

/** The name in the database. */
const nameOf = ({ name, dbName }: { name: string; dbName?: string | null }): string =>
  dbName ?? name

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
