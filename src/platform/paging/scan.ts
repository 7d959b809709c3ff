import { setImmediate } from 'node:timers/promises'
import type { Database } from '../database/database.ts'
import type { Dialect } from '../database/dialect.ts'
import { all, name, names, type Sql, sql } from '../database/sql.ts'
import { Overloaded } from '../errors/table.ts'
import { type Asker, createFairQueue } from '../queues/fair-queue.ts'
import { createKeyset, type Order, ordering, type Position } from './keyset.ts'

/** Rows that a scan reads in one statement: 0.5 ms, or 50 ms for long ones. */
const SLICE = 2_000
/** Maximum time of a list with a scan, with its wait in the queue. */
const SCAN_LIMIT_MS = 5_000
/** Those of one account, or network, that wait while others do: the rest is refused. */
const SCANS = { atOnce: 2, length: 1_000, slotsEach: 8 }
const NOBODY: Asker = { network: '', account: '' }

export type Conditions = {
  scope: Sql | undefined
  /** What no index finds. */
  matches: Sql | undefined
}

type Dependencies = {
  db: Database
  dialect: Dialect
  table: string
  columns: Sql
  /** The index in prisma/schema.prisma that has this order, or `PRIMARY`. */
  indexOf: (order: Order, conditions: Conditions) => string
  tooLong: string
  limitMs?: number | undefined
}

/**
 * Lists of the rows of a table that has an `id`. One without `matches` reads an index. With them it
 * scans in slices and lets other work run between them, since a statement may block the server's
 * thread.
 */
export function createScans<Row extends object>(dependencies: Dependencies) {
  const { db, dialect, table, columns, indexOf, tooLong, limitMs = SCAN_LIMIT_MS } = dependencies
  const keyset = createKeyset(dialect)
  const queue = createFairQueue(SCANS)

  /** One page by its number, from 1, and the total. @throws Overloaded */
  function page(where: Conditions, order: Order, { page, size }: Numbered, asker = NOBODY) {
    return inTurn(where, asker, async (search) => {
      const totalItems = await count(search)
      const skip = (page - 1) * size
      const take = Math.min(size, totalItems - skip)
      const items = take > 0 ? await collect(search, order, { skip, take }) : []
      return { items, totalItems }
    })
  }

  /** The rows after a position: equally fast at any depth. @throws Overloaded */
  function after(where: Conditions, order: Order, { from, size, asker = NOBODY }: Following) {
    return inTurn(where, asker, async (search) => {
      const found = await collect(search, order, { from, skip: 0, take: size + 1 })
      const items = found.slice(0, size)
      const last = found.length > size ? items.at(-1) : undefined
      return { items, next: last && positionOf(last, order) }
    })
  }

  async function inTurn<T>(
    where: Conditions,
    asker: Asker,
    read: (search: Search) => Promise<T>,
  ): Promise<T> {
    const search = { ...where, deadline: performance.now() + limitMs }
    if (search.matches === undefined) return read(search)
    if (!(await queue.enter(asker, false))) throw Overloaded()
    try {
      return await read(search)
    } finally {
      queue.leave(false)
    }
  }

  async function count(search: Search): Promise<number> {
    const { scope, matches } = search
    if (!matches) return countRows(scope ? sql`${name(table)} WHERE ${scope}` : name(table))
    let total = 0
    for await (const slice of slices(search, BY_AGE)) total += await countRows(slice)
    return total
  }

  async function collect(search: Search, order: Order, window: Window): Promise<Row[]> {
    const { from, take } = window
    let { skip } = window
    const found: Row[] = []
    for await (const slice of slices(search, order, from)) {
      found.push(...(await select(slice, order, take - found.length, skip)))
      if (found.length === take) break
      skip = found.length > 0 ? 0 : await skipSlice(search, slice, skip)
    }
    return found
  }

  async function skipSlice({ matches }: Search, slice: Sql, skip: number): Promise<number> {
    if (skip === 0 || !matches) return 0
    return Math.max(0, skip - (await countRows(slice)))
  }

  /** Slices that together hold all matches. A scan ends one after so many rows, matches or not. */
  async function* slices(search: Search, order: Order, from?: Position): AsyncGenerator<Sql> {
    const { scope, matches, deadline } = search
    const rows = dialect.tableBy(table, indexOf(order, search))
    let start = from
    do {
      requireTime(deadline)
      const rest = all(scope, start && keyset.after(order, start))
      const end = matches && (await positionAt(sql`${rows} WHERE ${rest}`, order, SLICE))
      yield sql`${rows} WHERE ${all(rest, end && keyset.upTo(order, end), matches)}`
      start = end
      if (start) await setImmediate()
    } while (start)
  }

  async function positionAt(rows: Sql, order: Order, count: number): Promise<Position | undefined> {
    const [row] = await db.$queryRaw<Row[]>(
      sql`SELECT ${names(order.columns)} FROM ${rows}
        ORDER BY ${ordering(order)} LIMIT 1 OFFSET ${count - 1}`,
    )
    return row && positionOf(row, order)
  }

  async function countRows(rows: Sql): Promise<number> {
    const [row] = await db.$queryRaw<{ count: bigint }[]>(
      sql`SELECT COUNT(*) AS \`count\` FROM ${rows}`,
    )
    return Number(row?.count ?? 0)
  }

  /** Skips ids in the index; the CROSS JOIN makes the database begin with the few that stay. */
  function select(rows: Sql, order: Order, take: number, skip: number): Promise<Row[]> {
    return db.$queryRaw<Row[]>(
      sql`SELECT ${columns} FROM (
          SELECT \`id\` AS \`pageId\` FROM ${rows}
          ORDER BY ${ordering(order)} LIMIT ${take} OFFSET ${skip}
        ) AS \`page\` CROSS JOIN ${name(table)} ON \`id\` = \`pageId\` ORDER BY ${ordering(order)}`,
    )
  }

  function requireTime(deadline: number): void {
    if (performance.now() > deadline) throw Overloaded({ detail: tooLong })
  }

  return { page, after }
}

/** A page by its number, from 1. */
export type Numbered = { page: number; size: number }
/** A page behind a position. @param asker who waits in turn with others */
export type Following = { from: Position | undefined; size: number; asker?: Asker | undefined }
type Search = Conditions & { deadline: number }
type Window = { from?: Position | undefined; skip: number; take: number }

/** Ids are ordered by age. */
const BY_AGE: Order = { columns: ['id'], isDescending: false }

function positionOf(row: object, { columns }: Order): Position {
  return columns.map((column) => row[column as keyof object] as string | Date)
}
