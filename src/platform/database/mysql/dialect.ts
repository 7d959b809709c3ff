import { type Dialect, type Operator, operators } from '../dialect.ts'
import { all, any, list, name, type Sql, sql } from '../sql.ts'

export const mysqlDialect: Dialect = {
  unlessThere: ([column = '']) => onDuplicate([sql`${name(column)} = ${name(column)}`]),
  orUpdate: (_key, assignments) => onDuplicate(assignments),
  inserted: (column) => sql`VALUES(${name(column)})`,
  assigned: name,
  tableBy: (table, index) => sql`${name(table)} FORCE INDEX (${name(index)})`,
  compareTuples,
}

const onDuplicate = (assignments: readonly Sql[]) =>
  sql`ON DUPLICATE KEY UPDATE ${list(assignments)}`

/** `a > x OR (a = x AND b > y)` for `(a, b) > (x, y)`: MySQL uses no index for the short form. */
function compareTuples(
  columns: readonly string[],
  operator: Operator,
  values: readonly unknown[],
): Sql {
  const strict = operator === '<' || operator === '<=' ? operators['<'] : operators['>']
  const last = columns.length - 1
  return any(
    columns.map((column, index) => {
      const equals = columns
        .slice(0, index)
        .map((earlier, at) => sql`${name(earlier)} = ${values[at]}`)
      const comparison = index === last ? operators[operator] : strict
      return all(...equals, sql`${name(column)} ${comparison} ${values[index]}`)
    }),
  )
}
