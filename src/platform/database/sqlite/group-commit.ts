import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SqliteConnection } from './connection.ts'
import { queueIsFull } from './errors.ts'
import type { SqliteTransaction } from './writer.ts'

/** Statements of one transaction at most, since others wait for the writer. */
const LARGEST_GROUP = 64

type Statement = {
  action: (connection: SqliteConnection) => unknown
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}
export type SqliteGroups = ReturnType<typeof createGroupCommit>
type Dependencies = { begin: () => Promise<SqliteTransaction>; maxWaiting: number }

/**
 * Group commit: waiting statements share one transaction and one disk sync. None is answered before
 * the commit; a failed one rolls back alone.
 */
export function createGroupCommit({ begin, maxWaiting }: Dependencies) {
  const waiting: Statement[] = []
  let underWay: Promise<void> | undefined

  /**
   * @throws the error of statement or commit; DriverAdapterError for a full queue or a late lock
   */
  function write<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    if (waiting.length >= maxWaiting) return Promise.reject(queueIsFull())
    return new Promise<T>((resolve, reject) => {
      waiting.push({ action, resolve: resolve as Statement['resolve'], reject })
      underWay ??= commitWaiting()
    })
  }

  async function commitWaiting(): Promise<void> {
    do {
      // Adds what else arrives in this tick of the event loop.
      await nextTurn()
      await commitGroup()
    } while (waiting.length > 0)
    underWay = undefined
  }

  async function commitGroup(): Promise<void> {
    try {
      const transaction = await begin()
      commit(transaction, waiting.splice(0, LARGEST_GROUP))
    } catch (error) {
      // Later ones would wait as long in vain.
      for (const { reject } of waiting.splice(0)) reject(error)
    }
  }

  return {
    write,
    settled: async () => underWay,
    waitingCount: () => waiting.length,
  }
}

type Outcome = { result?: unknown; error?: unknown }

function commit(transaction: SqliteTransaction, group: Statement[]): void {
  const outcomes = group.map(({ action }) => outcomeOf(() => transaction.run(action)))
  const whole = outcomeOf(transaction.commit)
  group.forEach(({ resolve, reject }, at) => {
    const { result, error = whole.error } = outcomes[at] ?? {}
    if (error === undefined) resolve(result)
    else reject(error)
  })
}

function outcomeOf(action: () => unknown): Outcome {
  try {
    return { result: action() }
  } catch (error) {
    return { error }
  }
}
