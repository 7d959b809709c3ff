import { Prisma } from '../../generated/sqlite/client.ts'

export type Sql = Prisma.Sql

/** Tag of statements; both databases understand names in backticks. */
export const { sql } = Prisma

/** A table or column: part of the text, so never from outside. */
export const name = (identifier: string): Sql => Prisma.raw(`\`${identifier}\``)

export const names = (columns: readonly string[]): Sql => list(columns.map(name))

export const list = (parts: readonly Sql[]): Sql => Prisma.join([...parts], ', ')

export function all(...conditions: (Sql | undefined)[]): Sql {
  const given = conditions.filter((condition) => condition !== undefined)
  return given.length === 0 ? sql`1 = 1` : Prisma.join(given.map(inBrackets), ' AND ')
}

export function any(conditions: readonly Sql[]): Sql {
  return Prisma.join(conditions.map(inBrackets), ' OR ')
}

const inBrackets = (condition: Sql) => sql`(${condition})`
