import Libsql from 'libsql'
import { mayBeLarge, type SqliteValue } from './values.ts'

type Statement = Libsql.Statement
type Prepared = {
  statement: Statement
  names: string[]
  declared: (string | null)[]
  /** Whether its text says so, which makes a read several times cheaper. */
  hasOneRow: boolean
  lastUse: number
}

/** Rows of a statement; an expression has no declared type. */
export type Rows = { names: string[]; declared: (string | null)[]; rows: unknown[][] }

export type SqliteConnection = ReturnType<typeof openConnection>

const maxStatements = 200
/** A read that ends so. */
const ONE_ROW = /^\s*SELECT\b.*\bLIMIT 1\s*$/is

/**
 * Opens an existing file. A lock of another connection is an error at once, see `isBusy`.
 * @throws what `libsql` throws; an Error when the file is not in the expected state
 */
export function openConnection(path: string, { readOnly }: { readOnly: boolean }) {
  const database = new Libsql(path, { timeout: 0 })
  // A use moves nothing: the old tables of a Map hold on to its newer ones.
  const statements = new Map<string, Prepared>()
  let uses = 0
  try {
    configure(database, readOnly)
  } catch (error) {
    database.close()
    throw error
  }

  function prepare(sql: string): Prepared {
    const prepared = statements.get(sql) ?? remember(sql, describe(database.prepare(sql), sql))
    prepared.lastUse = ++uses
    return prepared
  }

  function remember(sql: string, prepared: Prepared): Prepared {
    if (statements.size >= maxStatements) {
      const [oldest] = [...statements].toSorted(([, one], [, other]) => one.lastUse - other.lastUse)
      if (oldest) statements.delete(oldest[0])
    }
    statements.set(sql, prepared)
    return prepared
  }

  // Prepares again after an error, since libsql does not reset the statement.
  function using<T>(sql: string, action: (prepared: Prepared) => T): T {
    try {
      return action(prepare(sql))
    } catch (error) {
      statements.delete(sql)
      throw error
    }
  }

  function query(sql: string, values: SqliteValue[]): Rows {
    return using(sql, (prepared) => {
      const { names, declared } = prepared
      return { names, declared, rows: rowsOf(prepared, values) }
    })
  }

  function execute(sql: string, values: SqliteValue[]): number {
    return using(sql, ({ statement, names }) =>
      // libsql stops at the first row unless all are read.
      names.length > 0 ? statement.all(values).length : statement.run(values).changes,
    )
  }

  return {
    query,
    execute,
    /** Leaves nothing in progress when it fails. */
    script: (sql: string) => void database.exec(sql),
    isInTransaction: () => database.inTransaction,
    close: () => {
      statements.clear()
      database.close()
    },
  }
}

function rowsOf({ statement, names, hasOneRow }: Prepared, values: SqliteValue[]): unknown[][] {
  if (hasOneRow) {
    const row = statement.get(values)
    return row === undefined ? [] : [row as unknown[]]
  }
  if (names.length > 0) return statement.all(values) as unknown[][]
  statement.run(values)
  return []
}

function describe(statement: Statement, sql: string): Prepared {
  const columns = statement.columns()
  const declared = columns.map((column) => column.type)
  if (columns.length > 0) statement.raw()
  if (declared.some(mayBeLarge)) statement.safeIntegers()
  const names = columns.map((column) => column.name)
  return { statement, names, declared, hasOneRow: ONE_ROW.test(sql), lastUse: 0 }
}

// With synchronous=NORMAL, a power failure would lose the last commits, such as a new password.
function configure(database: Libsql.Database, readOnly: boolean): void {
  database.exec('PRAGMA busy_timeout = 0')
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA foreign_keys = ON')
  database.exec('PRAGMA journal_size_limit = 67108864')
  if (readOnly) database.exec('PRAGMA query_only = ON')
  for (const [name, wanted] of Object.entries({
    journal_mode: 'wal',
    synchronous: 2,
    foreign_keys: 1,
  })) {
    const [found] = database.prepare(`PRAGMA ${name}`).raw().all([]) as [unknown][]
    if (found?.[0] !== wanted) {
      throw new Error(
        `SQLite did not accept ${name} = ${wanted} (it is ${found?.[0]}). The database file must be on a local disk, not on a network share.`,
      )
    }
  }
}
