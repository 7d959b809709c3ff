import { Prisma } from '../generated/sqlite/client.ts'

/** A piece of SQL with its values; values are always sent apart from the text. */
export type Sql = Prisma.Sql

/** The parts of `$queryRaw` statements; names stand in backticks, which both databases understand. */
export const { sql } = Prisma

/** A name of a table or column. It becomes part of the text, so it must never come from outside. */
export const name = (identifier: string): Sql => Prisma.raw(`\`${identifier}\``)

export const list = (parts: readonly Sql[]): Sql => Prisma.join([...parts], ', ')

/** All of the conditions; of none at all it is true. */
export function all(...conditions: (Sql | undefined)[]): Sql {
  const given = conditions.filter((condition) => condition !== undefined)
  return given.length === 0 ? sql`1 = 1` : Prisma.join(given.map(inBrackets), ' AND ')
}

/** Any of the conditions, of which there is at least one. */
export function any(conditions: readonly Sql[]): Sql {
  return Prisma.join(conditions.map(inBrackets), ' OR ')
}

const inBrackets = (condition: Sql) => sql`(${condition})`
