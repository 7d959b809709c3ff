import type { OpenDatabase } from './database.ts'
import { all, any, list, name, type Sql, sql } from './database-sql.ts'

/** A total order: columns that an index holds in this order, the last of them unique. */
export type Order = { columns: readonly string[]; isDescending: boolean }

/** Where a row stands in an order: its values of the order's columns. */
export type Place = readonly (string | Date)[]

/**
 * Conditions that find a place through the index ("seek method", M. Winand, use-the-index-luke.com),
 * so that the way to a page costs the same at any depth, and rows that come or go shift nothing.
 */
export function createKeyset(provider: OpenDatabase['provider']) {
  /** Rows behind the place. */
  function after({ columns, isDescending }: Order, place: Place): Sql {
    return compare(columns, isDescending ? '<' : '>', place)
  }

  /** Rows up to the place, itself included. */
  function upTo({ columns, isDescending }: Order, place: Place): Sql {
    return compare(columns, isDescending ? '>=' : '<=', place)
  }

  function compare(columns: readonly string[], operator: Operator, place: Place): Sql {
    if (provider === 'sqlite')
      return sql`(${names(columns)}) ${operators[operator]} (${values(place)})`
    return alternatives(columns, operator, place)
  }

  return { after, upTo }
}

/** The list behind ORDER BY. */
export function ordering({ columns, isDescending }: Order): Sql {
  return list(columns.map((column) => (isDescending ? sql`${name(column)} DESC` : name(column))))
}

/** The columns of an order, for the list behind SELECT. */
export const names = (columns: readonly string[]): Sql => list(columns.map(name))

const values = (place: Place): Sql => list(place.map((value) => sql`${value}`))

type Operator = '<' | '>' | '<=' | '>='
const operators = { '<': sql`<`, '>': sql`>`, '<=': sql`<=`, '>=': sql`>=` }

/**
 * `(a, b) > (x, y)` as `a > x OR (a = x AND b > y)`: SQLite finds rows by the first form only, MySQL
 * by the second only.
 */
function alternatives(columns: readonly string[], operator: Operator, place: Place): Sql {
  const strict = operator === '<' || operator === '<=' ? operators['<'] : operators['>']
  const last = columns.length - 1
  return any(
    columns.map((column, index) => {
      const equals = columns
        .slice(0, index)
        .map((earlier, at) => sql`${name(earlier)} = ${place[at]}`)
      const comparison = index === last ? operators[operator] : strict
      return all(...equals, sql`${name(column)} ${comparison} ${place[index]}`)
    }),
  )
}
