import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { searchText } from '../../platform/database/search-text.ts'
import { all, any, name, names, type Sql, sql } from '../../platform/database/sql.ts'
import type { Order } from '../../platform/paging/keyset.ts'
import {
  type Conditions,
  createScans,
  type Following,
  type Numbered,
} from '../../platform/paging/scan.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'
import { type House, type HouseFilter, houseColumns, searchColumns, searchFields } from './house.ts'

/** Values of `sort`, and the columns of their indexes; ids are ordered by age. */
const indexes = {
  createdAt: ['id'],
  updatedAt: ['updatedAt', 'id'],
  projectNo: ['projectNo'],
  projectName: ['projectName', 'id'],
} as const

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

/** Lists of houses: by pages with totals, and by cursor. A text filter needs a scan. */
export function createHouseList({ db, dialect, scanLimitMs: limitMs }: Dependencies) {
  const scans = createScans<House>({
    ...{ db, dialect, table: 'House', columns: names(houseColumns), limitMs },
    indexOf: ({ columns }, { scope }) => indexOf(columns, scope !== undefined),
    tooLong: 'The filter took too long; make it narrower, for example by ownerId.',
  })

  /** One page by its number, from 1, and the total. @throws Overloaded */
  function page(filter: HouseFilter, order: Order, wanted: Numbered, asker?: Asker) {
    return scans.page(conditions(filter), order, wanted, asker)
  }

  /** The houses after a position: equally fast at any depth. @throws Overloaded */
  function after(filter: HouseFilter, order: Order, wanted: Following) {
    return scans.after(conditions(filter), order, wanted)
  }

  return { page, after }
}

/** The order that a value of `sort` means. */
export function orderOf(sort: Sort): Order {
  const isDescending = sort.startsWith('-')
  const field = (isDescending ? sort.slice(1) : sort) as SortField
  return { columns: indexes[field], isDescending }
}

/** Name of the index in prisma/schema.prisma. */
function indexOf(columns: readonly string[], isOwned: boolean): string {
  if (isOwned) return `House_ownerId_${columns.join('_')}_idx`
  if (columns.length > 1) return `House_${columns.join('_')}_idx`
  return columns[0] === 'id' ? 'PRIMARY' : `House_${columns[0]}_key`
}

/** Splits conditions: the index finds the owner; texts need a look at the rows. */
function conditions(filter: HouseFilter): Conditions {
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
