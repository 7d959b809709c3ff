import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Database, OpenDatabase } from '../../platform/database.ts'
import { all, any, name, type Sql, sql } from '../../platform/database-sql.ts'
import { Overloaded } from '../../platform/error-table.ts'
import { createKeyset, names, type Order, ordering, type Place } from '../../platform/keyset.ts'
import { searchText } from '../../platform/search-text.ts'
import type { House } from './service.ts'

/** Rows that a scan looks through in one statement: 0.5 ms on SQLite, and 50 ms when all are long. */
const SLICE = 2_000
/** How long a filtered list may take, its wait for a turn included. */
const SCAN_LIMIT_MS = 5_000
const SCANS_AT_ONCE = 2
/** Each waits no longer than its deadline. */
const WAITING_SCANS = 1_000

const tooLong = 'The filter took too long; make it narrower, for example by ownerId.'

/** What `sort` may name, and the columns of the index that holds the order; ids are in order of age. */
const indexes = {
  createdAt: ['id'],
  updatedAt: ['updatedAt', 'id'],
  projectNo: ['projectNo'],
  projectName: ['projectName', 'id'],
} as const
const byAge: Order = { columns: indexes.createdAt, isDescending: false }
const columns = [
  'id',
  'projectNo',
  'projectName',
  'projectAddress',
  'ownerId',
  'version',
  'createdAt',
  'updatedAt',
]

type SortField = keyof typeof indexes
export type Sort = SortField | `-${SortField}`
export const SORTS = (Object.keys(indexes) as SortField[]).flatMap((field): Sort[] => [
  field,
  `-${field}`,
])

export type HouseFilter = {
  ownerId?: string | undefined
  projectNo?: string | undefined
  projectName?: string | undefined
  projectAddress?: string | undefined
  /** Looked for in all three texts. */
  q?: string | undefined
}

type Needs = {
  db: Database
  provider: OpenDatabase['provider']
  scanLimitMs?: number
}

export type HouseList = ReturnType<typeof createHouseList>

/**
 * Lists of houses. Without a text filter a list is read through an index. With one it is a scan in
 * slices, between which others get their turn: SQLite works on the thread of the server.
 */
export function createHouseList({ db, provider, scanLimitMs = SCAN_LIMIT_MS }: Needs) {
  const keyset = createKeyset(provider)
  const turns = pLimit(SCANS_AT_ONCE)

  /**
   * One page by its number, from 1, and how many houses there are in all.
   * @throws Overloaded when a scan takes too long, or too many wait
   */
  function page(filter: HouseFilter, order: Order, { page, size }: { page: number; size: number }) {
    return inTurn(filter, async (search) => {
      const totalItems = await count(search)
      const skip = (page - 1) * size
      const take = Math.min(size, totalItems - skip)
      const items = take > 0 ? await collect(search, order, { skip, take }) : []
      return { items, totalItems }
    })
  }

  /**
   * The houses behind a place, or from the start: at the same cost at any depth.
   * @throws Overloaded when a scan takes too long, or too many wait
   */
  function after(filter: HouseFilter, order: Order, from: Place | undefined, size: number) {
    return inTurn(filter, async (search) => {
      const found = await collect(search, order, { from, skip: 0, take: size + 1 })
      const items = found.slice(0, size)
      const last = found.length > size ? items.at(-1) : undefined
      return { items, next: last && placeOf(last, order) }
    })
  }

  /** A few scans at once, each with a deadline; lists without one need no turn. */
  async function inTurn<T>(filter: HouseFilter, read: (search: Search) => Promise<T>): Promise<T> {
    const search = { ...conditions(filter), deadline: performance.now() + scanLimitMs }
    if (search.matches === undefined) return read(search)
    if (turns.pendingCount >= WAITING_SCANS) throw Overloaded()
    return turns(() => read(search))
  }

  async function count(search: Search): Promise<number> {
    // SQLite has a short way to count all rows, and takes it only without a condition.
    const { scope, matches } = search
    if (!matches) return countRows(scope ? sql`\`House\` WHERE ${scope}` : sql`\`House\``)
    let total = 0
    for await (const slice of slices(search, byAge)) total += await countRows(slice)
    return total
  }

  /** Reads `take` houses behind the first `skip` ones that the search finds. */
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

  /** How many rows remain to be skipped behind the slice; without a filter it is the only one. */
  async function skipSlice({ matches }: Search, slice: Sql, skip: number): Promise<number> {
    if (skip === 0 || !matches) return 0
    return Math.max(0, skip - (await countRows(slice)))
  }

  /**
   * Tables with conditions whose rows, one after the other, are all that the search finds behind a
   * place. A scan is cut where the index says that so many rows are passed, whether they match or not.
   */
  async function* slices(search: Search, order: Order, from?: Place): AsyncGenerator<Sql> {
    const { scope, matches, deadline } = search
    const table = tableBy(order, scope !== undefined)
    let start = from
    do {
      requireTime(deadline)
      const rest = all(scope, start && keyset.after(order, start))
      const end = matches && (await placeAt(sql`${table} WHERE ${rest}`, order, SLICE))
      yield sql`${table} WHERE ${all(rest, end && keyset.upTo(order, end), matches)}`
      start = end
      if (start) await setImmediate()
    } while (start)
  }

  /** MySQL guesses an index by sizes, and often reads from its start; so it is told which one to use. */
  function tableBy({ columns }: Order, isOwned: boolean): Sql {
    if (provider === 'sqlite') return sql`\`House\``
    return sql`\`House\` FORCE INDEX (${name(indexOf(columns, isOwned))})`
  }

  async function placeAt(rows: Sql, order: Order, count: number): Promise<Place | undefined> {
    const [row] = await db.$queryRaw<House[]>(
      sql`SELECT ${names(order.columns)} FROM ${rows}
        ORDER BY ${ordering(order)} LIMIT 1 OFFSET ${count - 1}`,
    )
    return row && placeOf(row, order)
  }

  async function countRows(rows: Sql): Promise<number> {
    const [row] = await db.$queryRaw<{ count: bigint }[]>(
      sql`SELECT COUNT(*) AS \`count\` FROM ${rows}`,
    )
    return Number(row?.count ?? 0)
  }

  /**
   * Skips ids, which lie in the index, and not whole rows. SQLite keeps the order of a CROSS JOIN, so
   * that it begins with the few ids and not with all the houses.
   */
  function select(rows: Sql, order: Order, take: number, skip: number): Promise<House[]> {
    return db.$queryRaw<House[]>(
      sql`SELECT ${names(columns)} FROM (
          SELECT \`id\` AS \`pageId\` FROM ${rows}
          ORDER BY ${ordering(order)} LIMIT ${take} OFFSET ${skip}
        ) AS \`page\` CROSS JOIN \`House\` ON \`id\` = \`pageId\` ORDER BY ${ordering(order)}`,
    )
  }

  return { page, after }
}

type Search = { scope: Sql | undefined; matches: Sql | undefined; deadline: number }
type Window = { from?: Place | undefined; skip: number; take: number }

/** `createdAt` or `-createdAt`: the order that a value of `sort` asks for. */
export function orderOf(sort: Sort): Order {
  const isDescending = sort.startsWith('-')
  const field = (isDescending ? sort.slice(1) : sort) as SortField
  return { columns: indexes[field], isDescending }
}

function requireTime(deadline: number): void {
  if (performance.now() > deadline) throw Overloaded({ detail: tooLong })
}

/** The name of the index that holds the order, as prisma/schema.prisma makes it. */
function indexOf(columns: readonly string[], isOwned: boolean): string {
  if (isOwned) return `House_ownerId_${columns.join('_')}_idx`
  if (columns.length > 1) return `House_${columns.join('_')}_idx`
  return columns[0] === 'id' ? 'PRIMARY' : `House_${columns[0]}_key`
}

function placeOf(house: House, { columns }: Order): Place {
  return columns.map((column) => house[column as keyof House] as string | Date)
}

/** What an index finds (the owner), and what only a look at the rows can tell (the texts). */
function conditions({ ownerId, projectNo, projectName, projectAddress, q }: HouseFilter) {
  const searches = [
    projectNo && contains('searchNo', projectNo),
    projectName && contains('searchName', projectName),
    projectAddress && contains('searchAddress', projectAddress),
    q && any([contains('searchNo', q), contains('searchName', q), contains('searchAddress', q)]),
  ].filter((condition) => typeof condition === 'object')
  return {
    scope: ownerId ? sql`\`ownerId\` = ${ownerId}` : undefined,
    matches: searches.length > 0 ? all(...searches) : undefined,
  }
}

/** INSTR knows no wildcards, so every character stands for itself. */
function contains(column: string, text: string): Sql {
  return sql`INSTR(${name(column)}, ${searchText(text)}) > 0`
}
