import pRetry from 'p-retry'
import { type Database, isConflict, type Transaction } from './database.ts'

const RETRIES = 4

/**
 * Runs statements in one transaction, and again when the database undid it for a deadlock or a write
 * conflict, which every client of InnoDB has to expect. What must happen once only (mail, memory of
 * ended sessions) belongs after it.
 */
export function inTransaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return retryConflicts(() => db.$transaction(work))
}

/** Runs one statement, or one transaction, again when the database undid it for a conflict. */
export function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  return pRetry(work, {
    retries: RETRIES,
    minTimeout: 10,
    maxTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => isConflict(error),
  })
}
