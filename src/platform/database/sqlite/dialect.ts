import { type Dialect, operators } from '../dialect.ts'
import { list, name, names, sql } from '../sql.ts'

export const sqliteDialect: Dialect = {
  unlessThere: (key) => sql`ON CONFLICT (${names(key)}) DO NOTHING`,
  orUpdate: (key, assignments) =>
    sql`ON CONFLICT (${names(key)}) DO UPDATE SET ${list(assignments)}`,
  inserted: (column) => sql`excluded.${name(column)}`,
  assigned: (_column, value) => value,
  tableBy: (table) => name(table),
  compareTuples: (columns, operator, values) =>
    sql`(${names(columns)}) ${operators[operator]} (${list(values.map((value) => sql`${value}`))})`,
}
