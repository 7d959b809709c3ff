import Libsql from 'libsql'
import { mayBeLarge, type SqliteValue } from './sqlite-values.ts'

type Statement = Libsql.Statement
type Prepared = { statement: Statement; names: string[]; declared: (string | null)[] }

/** The rows of one statement; the declared type of a column is null for an expression. */
export type Rows = { names: string[]; declared: (string | null)[]; rows: unknown[][] }

export type SqliteConnection = ReturnType<typeof openConnection>

const maxStatements = 200

/**
 * Opens one connection. Nothing here waits for a lock: a lock of another connection is an
 * error at once (see `isBusy`), and who calls decides how long to try again.
 * @param path a file that exists
 * @throws what `libsql` throws; an Error when the file is not in the expected state
 */
export function openConnection(path: string, { readOnly }: { readOnly: boolean }) {
  const database = new Libsql(path, { timeout: 0 })
  const statements = new Map<string, Prepared>()
  try {
    configure(database, readOnly)
  } catch (error) {
    database.close()
    throw error
  }

  function prepare(sql: string): Prepared {
    const known = statements.get(sql)
    if (known) {
      statements.delete(sql)
      statements.set(sql, known)
      return known
    }
    const prepared = describe(database.prepare(sql))
    statements.set(sql, prepared)
    const [oldest] = statements.keys()
    if (statements.size > maxStatements && oldest !== undefined) statements.delete(oldest)
    return prepared
  }

  // A statement that threw may still be in progress inside SQLite (libsql does not reset it),
  // and only a new one for the same text is safe to run.
  function using<T>(sql: string, action: (prepared: Prepared) => T): T {
    try {
      return action(prepare(sql))
    } catch (error) {
      statements.delete(sql)
      throw error
    }
  }

  /** Runs a statement to its end and returns all of its rows. */
  function query(sql: string, values: SqliteValue[]): Rows {
    return using(sql, ({ statement, names, declared }) => {
      if (names.length > 0) return { names, declared, rows: statement.all(values) as unknown[][] }
      statement.run(values)
      return { names, declared, rows: [] }
    })
  }

  /** Runs a statement to its end and returns how many rows it changed. */
  function execute(sql: string, values: SqliteValue[]): number {
    return using(sql, ({ statement, names }) =>
      // libsql stops a statement that returns rows after the first one, unless all are read.
      names.length > 0 ? statement.all(values).length : statement.run(values).changes,
    )
  }

  return {
    query,
    execute,
    /** Runs statements without arguments. Unlike the others it leaves nothing behind when it fails. */
    script: (sql: string) => void database.exec(sql),
    isInTransaction: () => database.inTransaction,
    close: () => {
      statements.clear()
      database.close()
    },
  }
}

function describe(statement: Statement): Prepared {
  const columns = statement.columns()
  const declared = columns.map((column) => column.type)
  if (columns.length > 0) statement.raw()
  if (declared.some(mayBeLarge)) statement.safeIntegers()
  return { statement, names: columns.map((column) => column.name), declared }
}

// synchronous=FULL: a commit that was acknowledged must survive a power failure. In WAL mode
// NORMAL would lose the last ones, and with them the end of a session or a new password.
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
        `SQLite did not accept ${name} = ${wanted} (it is ${found?.[0]}). The database file must lie on a local disk, not on a network share.`,
      )
    }
  }
}
