import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { searchText } from '../../platform/database/search-text.ts'
import { all, any, name, type Sql, sql } from '../../platform/database/sql.ts'
import { emailKey, usernameKey } from '../../platform/identity.ts'
import type { Order, Position } from '../../platform/paging/keyset.ts'
import { type Conditions, createScans, type Following } from '../../platform/paging/scan.ts'
import {
  type AdministeredUser,
  administeredColumns,
  administeredUser,
  stillThere,
} from './administered-user.ts'

/** Values of `sort`, and the columns of their indexes; ids are ordered by age. */
const indexes = { createdAt: ['id'], username: ['usernameKey'] } as const

type SortField = keyof typeof indexes
export type UserSort = SortField | `-${SortField}`
export type Status = 'active' | 'disabled' | 'unverified'

export type UserFilter = {
  /** An id or an address exactly; else a part of a username, an address or a name. */
  q?: string | undefined
  role?: string | undefined
  status?: Status | undefined
}

export type UserList = ReturnType<typeof createUserList>
type Dependencies = { db: Database; dialect: Dialect; scanLimitMs?: number }

/** The list of all accounts for administrators. A part of a text, and a status, need a scan. */
export function createUserList({ db, dialect, scanLimitMs: limitMs }: Dependencies) {
  const scans = createScans<AdministeredUser>({
    ...{ db, dialect, table: 'User', columns: administeredColumns, limitMs },
    indexOf,
    tooLong: 'The search took too long; search for a whole address or an id.',
  })

  /** The accounts after a position. @throws Overloaded */
  async function after(
    filter: UserFilter,
    sort: UserSort,
    wanted: Following,
  ): Promise<{ items: AdministeredUser[]; next: Position | undefined }> {
    const exact = wanted.from === undefined ? await findExactly(filter) : undefined
    if (exact) return { items: [exact], next: undefined }
    const { items, next } = await scans.after(conditions(filter), orderOf(sort), wanted)
    return { items: items.map(administeredUser), next }
  }

  /** By its id or its address, each of which has an index. */
  async function findExactly({ q = '', ...others }: UserFilter) {
    const wanted = [sql`id = ${q.toLowerCase()}`, sql`emailKey = ${emailKey(q)}`]
    const [isId, isAddress] = [UUID.test(q), q.includes('@')]
    const key = isId ? wanted[0] : isAddress ? wanted[1] : undefined
    if (key === undefined) return undefined
    const { scope, matches } = conditions(others)
    const [row] = await db.$queryRaw<AdministeredUser[]>(
      sql`SELECT ${administeredColumns} FROM User WHERE ${all(key, scope, matches)}`,
    )
    return row && administeredUser(row)
  }

  return { after }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function orderOf(sort: UserSort): Order {
  const isDescending = sort.startsWith('-')
  const field = (isDescending ? sort.slice(1) : sort) as SortField
  return { columns: indexes[field], isDescending }
}

/** They are few: an index finds them, and the database sorts them. */
const ADMINS = sql`role = 'admin'`
const ADMINS_HERE = all(ADMINS, stillThere)

/** Name of the index in prisma/schema.prisma. */
function indexOf({ columns }: Order, { scope }: Conditions): string {
  if (scope === ADMINS || scope === ADMINS_HERE) return 'User_role_idx'
  return columns[0] === 'id' ? 'PRIMARY' : 'User_usernameKey_key'
}

/** Splits conditions: what an index finds, and what needs a look at the rows. */
function conditions({ q, role, status }: UserFilter): Conditions {
  const matches = [
    ...(role === undefined || role === 'admin' ? [] : [sql`role = ${role}`]),
    ...(status === undefined ? [] : [STATUS[status]]),
    ...(q ? [any(Object.entries(partsOf(q)).map(([column, part]) => contains(column, part)))] : []),
  ]
  const isFew = role === 'admin'
  if (matches.length === 0) return { scope: isFew ? ADMINS_HERE : stillThere, matches: undefined }
  // A scan finds the ends of its slices in the index alone.
  return { scope: isFew ? ADMINS : undefined, matches: all(stillThere, ...matches) }
}

const STATUS: Readonly<Record<Status, Sql>> = {
  active: sql`disabledAt IS NULL`,
  disabled: sql`disabledAt IS NOT NULL`,
  unverified: sql`disabledAt IS NULL AND NOT emailVerified`,
}

/** The text as each column would have it. */
function partsOf(q: string) {
  return { usernameKey: usernameKey(q), emailKey: emailKey(q), searchName: searchText(q) }
}

/** INSTR has no wildcards, so every character stands for itself. */
function contains(column: string, part: string): Sql {
  return sql`INSTR(${name(column)}, ${part}) > 0`
}
