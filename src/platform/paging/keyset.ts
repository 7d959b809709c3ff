import type { Dialect } from '../database/dialect.ts'
import { list, name, type Sql, sql } from '../database/sql.ts'

/** A total order: the columns of an index, the last one unique. */
export type Order = { columns: readonly string[]; isDescending: boolean }

/** A row's values in the columns of an order. */
export type Position = readonly (string | Date)[]

/** Keyset pagination, equally fast at any depth ("seek method", M. Winand). */
export function createKeyset({ compareTuples }: Pick<Dialect, 'compareTuples'>) {
  function after({ columns, isDescending }: Order, position: Position): Sql {
    return compareTuples(columns, isDescending ? '<' : '>', position)
  }

  function upTo({ columns, isDescending }: Order, position: Position): Sql {
    return compareTuples(columns, isDescending ? '>=' : '<=', position)
  }

  return { after, upTo }
}

export function ordering({ columns, isDescending }: Order): Sql {
  return list(columns.map((column) => (isDescending ? sql`${name(column)} DESC` : name(column))))
}
