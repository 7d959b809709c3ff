import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { searchText } from '../../platform/database/search-text.ts'
import { all, any, name, names, type Sql, sql } from '../../platform/database/sql.ts'
import { Overloaded } from '../../platform/errors/table.ts'
import { createKeyset, type Order, ordering, type Position } from '../../platform/paging/keyset.ts'
import { type House, type HouseFilter, houseColumns, searchColumns, searchFields } from './house.ts'

/** Rows that a scan reads in one statement: 0.5 ms, or 50 ms for long ones. */
const SLICE = 2_000
/** Maximum time of a filtered list, with its wait in the queue. */
const SCAN_LIMIT_MS = 5_000
const SCANS_AT_ONCE = 2
/** Each waits until its deadline at most. */
const WAITING_SCANS = 1_000

const tooLong = 'The filter took too long; make it narrower, for example by ownerId.'

/** Values of `sort`, and the columns of their indexes; ids are ordered by age. */
const indexes = {
  createdAt: ['id'],
  updatedAt: ['updatedAt', 'id'],
  projectNo: ['projectNo'],
  projectName: ['projectName', 'id'],
} as const
const byAge: Order = { columns: indexes.createdAt, isDescending: false }

type SortField = keyof typeof indexes
export type Sort = SortField | `-${SortField}`
export const SORTS = (Object.keys(indexes) as SortField[]).flatMap((field): Sort[] => [
  field,
  `-${field}`,
])

type Dependencies = {
  db: Database
  dialect: Dialect
  scanLimitMs?: number
}

export type HouseList = ReturnType<typeof createHouseList>

/**
 * Lists of houses. Without a text filter a list reads an index. With one it scans in slices and
 * lets other work run between them, since a statement may block the server's thread.
 */
export function createHouseList({ db, dialect, scanLimitMs = SCAN_LIMIT_MS }: Dependencies) {
  const keyset = createKeyset(dialect)
  const turns = pLimit(SCANS_AT_ONCE)

  /** One page by its number, from 1, and the total. @throws Overloaded */
  function page(filter: HouseFilter, order: Order, { page, size }: { page: number; size: number }) {
    return inTurn(filter, async (search) => {
      const totalItems = await count(search)
      const skip = (page - 1) * size
      const take = Math.min(size, totalItems - skip)
      const items = take > 0 ? await collect(search, order, { skip, take }) : []
      return { items, totalItems }
    })
  }

  /** The houses after a position: equally fast at any depth. @throws Overloaded */
  function after(filter: HouseFilter, order: Order, from: Position | undefined, size: number) {
    return inTurn(filter, async (search) => {
      const found = await collect(search, order, { from, skip: 0, take: size + 1 })
      const items = found.slice(0, size)
      const last = found.length > size ? items.at(-1) : undefined
      return { items, next: last && positionOf(last, order) }
    })
  }

  /** Runs a few scans at once, each with a deadline; lists without a scan do not queue. */
  async function inTurn<T>(filter: HouseFilter, read: (search: Search) => Promise<T>): Promise<T> {
    const search = { ...conditions(filter), deadline: performance.now() + scanLimitMs }
    if (search.matches === undefined) return read(search)
    if (turns.pendingCount >= WAITING_SCANS) throw Overloaded()
    return turns(() => read(search))
  }

  async function count(search: Search): Promise<number> {
    // Without a condition the database may know the count without a scan.
    const { scope, matches } = search
    if (!matches) return countRows(scope ? sql`\`House\` WHERE ${scope}` : sql`\`House\``)
    let total = 0
    for await (const slice of slices(search, byAge)) total += await countRows(slice)
    return total
  }

  /** Reads `take` houses after the first `skip` matches. */
  async function collect(search: Search, order: Order, window: Window): Promise<House[]> {
    const { from, take } = window
    let { skip } = window
    const found: House[] = []
    for await (const slice of slices(search, order, from)) {
      found.push(...(await select(slice, order, take - found.length, skip)))
      if (found.length === take) break
      skip = found.length > 0 ? 0 : await skipSlice(search, slice, skip)
    }
    return found
  }

  /** Rows still to skip after the slice; without a filter it is the only slice. */
  async function skipSlice({ matches }: Search, slice: Sql, skip: number): Promise<number> {
    if (skip === 0 || !matches) return 0
    return Math.max(0, skip - (await countRows(slice)))
  }

  /**
   * Slices of rows that together hold all matches after a position. A scan ends a slice after so
   * many rows of the index, matches or not.
   */
  async function* slices(search: Search, order: Order, from?: Position): AsyncGenerator<Sql> {
    const { scope, matches, deadline } = search
    const table = dialect.tableBy('House', indexOf(order.columns, scope !== undefined))
    let start = from
    do {
      requireTime(deadline)
      const rest = all(scope, start && keyset.after(order, start))
      const end = matches && (await positionAt(sql`${table} WHERE ${rest}`, order, SLICE))
      yield sql`${table} WHERE ${all(rest, end && keyset.upTo(order, end), matches)}`
      start = end
      if (start) await setImmediate()
    } while (start)
  }

  async function positionAt(rows: Sql, order: Order, count: number): Promise<Position | undefined> {
    const [row] = await db.$queryRaw<House[]>(
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

  /**
   * Skips ids in the index, not whole rows. The CROSS JOIN makes the database begin with these few
   * ids.
   */
  function select(rows: Sql, order: Order, take: number, skip: number): Promise<House[]> {
    return db.$queryRaw<House[]>(
      sql`SELECT ${names(houseColumns)} FROM (
          SELECT \`id\` AS \`pageId\` FROM ${rows}
          ORDER BY ${ordering(order)} LIMIT ${take} OFFSET ${skip}
        ) AS \`page\` CROSS JOIN \`House\` ON \`id\` = \`pageId\` ORDER BY ${ordering(order)}`,
    )
  }

  return { page, after }
}

type Search = { scope: Sql | undefined; matches: Sql | undefined; deadline: number }
type Window = { from?: Position | undefined; skip: number; take: number }

/** The order that a value of `sort` means. */
export function orderOf(sort: Sort): Order {
  const isDescending = sort.startsWith('-')
  const field = (isDescending ? sort.slice(1) : sort) as SortField
  return { columns: indexes[field], isDescending }
}

function requireTime(deadline: number): void {
  if (performance.now() > deadline) throw Overloaded({ detail: tooLong })
}

/** Name of the index in prisma/schema.prisma. */
function indexOf(columns: readonly string[], isOwned: boolean): string {
  if (isOwned) return `House_ownerId_${columns.join('_')}_idx`
  if (columns.length > 1) return `House_${columns.join('_')}_idx`
  return columns[0] === 'id' ? 'PRIMARY' : `House_${columns[0]}_key`
}

function positionOf(house: House, { columns }: Order): Position {
  return columns.map((column) => house[column as keyof House] as string | Date)
}

/** Splits conditions: the index finds the owner; texts need a look at the rows. */
function conditions(filter: HouseFilter) {
  const { ownerId, q } = filter
  const searches = searchFields.flatMap((field) => {
    const text = filter[field]
    return text ? [contains(searchColumns[field], text)] : []
  })
  if (q) searches.push(any(searchFields.map((field) => contains(searchColumns[field], q))))
  return {
    scope: ownerId ? sql`\`ownerId\` = ${ownerId}` : undefined,
    matches: searches.length > 0 ? all(...searches) : undefined,
  }
}

/** INSTR has no wildcards, so every character stands for itself. */
function contains(column: string, text: string): Sql {
  return sql`INSTR(${name(column)}, ${searchText(text)}) > 0`
}
