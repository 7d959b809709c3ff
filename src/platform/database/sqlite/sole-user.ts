import Libsql from 'libsql'
import { isBusy } from './errors.ts'

/**
 * Refuses a file that another process has open: SQLite leaves WAL mode only for the last one. The
 * file keeps its mode.
 * @throws Error with the fix
 */
export function refuseShared(path: string): void {
  const database = new Libsql(path, { timeout: 0 })
  try {
    const [[mode] = ['delete']] = database.prepare('PRAGMA journal_mode').raw().all([]) as [
      string,
    ][]
    database.pragma('journal_mode = DELETE')
    database.pragma(`journal_mode = ${mode}`)
  } catch (error) {
    if (!isBusy(error)) throw new Error(`${path} is not a database of Latchkey.`, { cause: error })
    throw new Error(`${path} is in use. Stop the server first, so that nothing is lost.`, {
      cause: error,
    })
  } finally {
    database.close()
  }
}

/** Nobody writes to the file during a piece of work. @throws Error when somebody does already */
export async function withoutWriters<Value>(
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const database = new Libsql(path, { timeout: 0 })
  try {
    database.exec('BEGIN IMMEDIATE')
    return await work()
  } finally {
    database.close()
  }
}
