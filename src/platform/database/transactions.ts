import type { Database, Transaction } from './database.ts'
import { retryConflicts } from './retry-conflicts.ts'

/** What is left to do once each open transaction is committed. */
const left = new WeakMap<Transaction, (() => void)[]>()

/**
 * Retries after a deadlock or write conflict, which InnoDB may always answer. What must happen only
 * once (memory of ended sessions) belongs after it, or into `afterCommit`.
 */
export async function inTransaction<T>(
  db: Database,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let after: (() => void)[] = []
  const result = await retryConflicts(() =>
    db.$transaction((tx) => {
      after = []
      left.set(tx, after)
      return work(tx)
    }),
  )
  for (const act of after) act()
  return result
}

/** Acts once `inTransaction` has committed; at once where the statement was no part of one. */
export function afterCommit(tx: Transaction, act: () => void): void {
  const after = left.get(tx)
  if (after) after.push(act)
  else act()
}
