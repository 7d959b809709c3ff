import pRetry from 'p-retry'
import { type Database, isConflict, type Transaction } from './database.ts'

const RETRIES = 4

/**
 * Runs statements in one transaction, and again when the database undid it for a deadlock or a write
 * conflict, which every client of InnoDB has to expect. What must happen once only (mail, memory of
 * ended sessions) belongs after it.
 */
export function inTransaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return pRetry(() => db.$transaction(work), {
    retries: RETRIES,
    minTimeout: 10,
    maxTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => isConflict(error),
  })
}
