import pRetry from 'p-retry'
import { isConflict } from './errors.ts'

const RETRIES = 6

/** Retries a statement or a transaction after a conflict; never one inside a transaction. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  // The fast path: counting attempts costs more than the rest.
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
