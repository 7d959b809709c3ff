import { isDeepStrictEqual } from 'node:util'
import type { Progress } from '../program-output.ts'
import type { Database } from './database.ts'

/** Rows of one statement. */
const PAGE = 100

/** A table as the client names it, and the columns of its primary key. */
export type TableKey = readonly [table: string, key: readonly string[]]

type Row = Record<string, unknown>
type Condition = Record<string, unknown>

/** What a model of either database can do. */
type Model = {
  findMany(query: object): Promise<Row[]>
  createMany(query: { data: Row[] }): Promise<{ count: number }>
  count(): Promise<number>
}

export type CopiedTable = { table: string; rows: number }

type Copy = { source: Database; target: Database; tables: readonly TableKey[]; progress: Progress }

/**
 * Copies all rows into an empty database, and reads each of them back. Nobody may write to the
 * source meanwhile.
 * @param tables in an order in which no row comes before one that it names
 * @throws Error when the target has rows, or keeps one differently
 */
export async function copyRows({ source, target, tables, progress }: Copy): Promise<CopiedTable[]> {
  await refuseFilled(target, tables)
  const total = await countAll(source, tables)
  const copied: CopiedTable[] = []
  let done = 0
  for (const [table, key] of tables) {
    const before = done
    for await (const page of pagesOf(modelOf(source, table), key)) {
      await copyPage(page, [table, key], modelOf(target, table))
      done += page.length
      progress(done, total)
    }
    copied.push({ table: nameOf(table), rows: done - before })
  }
  return copied
}

async function refuseFilled(target: Database, tables: readonly TableKey[]): Promise<void> {
  for (const [table] of tables) {
    if ((await modelOf(target, table).count()) === 0) continue
    throw new Error(`The database has rows in ${nameOf(table)} already; name an empty one.`)
  }
}

async function countAll(source: Database, tables: readonly TableKey[]): Promise<number> {
  let total = 0
  for (const [table] of tables) total += await modelOf(source, table).count()
  return total
}

async function copyPage(page: Row[], [table, key]: TableKey, target: Model): Promise<void> {
  await target.createMany({ data: page })
  const kept = await target.findMany({ where: among(page, key) })
  const byKey = new Map(kept.map((row) => [textOf(row, key), row]))
  for (const row of page) {
    const text = textOf(row, key)
    if (isDeepStrictEqual(byKey.get(text), row)) continue
    throw new Error(`The database keeps the row ${text} of ${nameOf(table)} differently.`)
  }
}

async function* pagesOf(source: Model, key: readonly string[]): AsyncGenerator<Row[]> {
  const orderBy = key.map((column) => ({ [column]: 'asc' }))
  let last: Row | undefined
  do {
    const where: Condition = last ? behind(last, key) : {}
    const page = await source.findMany({ where, orderBy, take: PAGE })
    if (page.length > 0) yield page
    last = page.length === PAGE ? page.at(-1) : undefined
  } while (last)
}

/** Rows that come after one: of equal first columns, the next one decides. */
function behind(row: Row, key: readonly string[]): Condition {
  const OR = key.map((column, index) => ({
    ...keyOf(row, key.slice(0, index)),
    [column]: { gt: row[column] },
  }))
  return { OR }
}

/** One column is quicker as a list. */
function among(rows: readonly Row[], key: readonly string[]): Condition {
  const [column = '', ...more] = key
  if (more.length === 0) return { [column]: { in: rows.map((row) => row[column]) } }
  return { OR: rows.map((row) => keyOf(row, key)) }
}

function keyOf(row: Row, key: readonly string[]): Row {
  return Object.fromEntries(key.map((column) => [column, row[column]]))
}

function textOf(row: Row, key: readonly string[]): string {
  return key.map((column) => String(row[column])).join(' ')
}

function modelOf(database: Database, table: string): Model {
  return database[table as 'user'] as unknown as Model
}

function nameOf(table: string): string {
  return table.charAt(0).toUpperCase() + table.slice(1)
}
