import { type Sql, sql } from './sql.ts'

/** SQL that differs by database. `key` names the columns of a unique index. */
export type Dialect = {
  /** Ends an INSERT that skips rows that exist. */
  unlessThere(key: readonly string[]): Sql
  /** Ends an INSERT that updates rows that exist. */
  orUpdate(key: readonly string[], assignments: readonly Sql[]): Sql
  inserted(column: string): Sql
  /** In `orUpdate`: a column behind its assignment; only MySQL has the new value there. */
  assigned(column: string, value: Sql): Sql
  /** FROM with an index hint: MySQL guesses by size, and is often wrong. */
  tableBy(table: string, index: string): Sql
  /** Compares columns in lexical order, in the form that the index serves. */
  compareTuples(columns: readonly string[], operator: Operator, values: readonly unknown[]): Sql
}

export type Operator = '<' | '>' | '<=' | '>='
export const operators = { '<': sql`<`, '>': sql`>`, '<=': sql`<=`, '>=': sql`>=` }
