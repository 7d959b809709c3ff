import pRetry from 'p-retry'
import type { Database, Transaction } from './database.ts'
import { isConflict } from './database-errors.ts'

const RETRIES = 3

/**
 * Runs statements in one transaction, and again when the database undid it for a deadlock or a write
 * conflict, which every client of InnoDB has to expect. What must happen once only (mail, memory of
 * ended sessions) belongs after it.
 */
export function inTransaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return retryConflicts(() => db.$transaction(work))
}

/**
 * Runs one statement, or one transaction, again when the database undid it for a conflict: it has
 * changed nothing then. A statement inside a transaction is not repeated alone.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  // Almost always this is all; to count tries costs more than the rest of it.
  try {
    return await work()
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  return pRetry(work, {
    retries: RETRIES,
    minTimeout: 10,
    maxTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => isConflict(error),
  })
}
