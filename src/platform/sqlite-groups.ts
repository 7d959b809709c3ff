import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SqliteConnection } from './sqlite-connection.ts'
import { queueIsFull } from './sqlite-errors.ts'
import type { SqliteTransaction } from './sqlite-writer.ts'

/** Statements that one transaction takes at most: so long nobody else gets a turn. */
const LARGEST_GROUP = 64

type Statement = {
  action: (connection: SqliteConnection) => unknown
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}
export type SqliteGroups = ReturnType<typeof createGroupCommit>
type Needs = { begin: () => Promise<SqliteTransaction>; maxWaiting: number }

/**
 * Group commit: statements that wait at the same moment share one transaction, and so one wait for the
 * disk. None is answered before that transaction is committed. One that fails undoes itself alone.
 */
export function createGroupCommit({ begin, maxWaiting }: Needs) {
  const waiting: Statement[] = []
  let underWay: Promise<void> | undefined

  /**
   * Runs a single statement in the next transaction.
   * @throws what the statement or the commit throws; DriverAdapterError when the queue is full or the
   *   lock was not to be had in time
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
      // What else arrives in this turn of the event loop comes along.
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
      // Whoever came later would wait as long for nothing.
      for (const { reject } of waiting.splice(0)) reject(error)
    }
  }

  return {
    write,
    /** Waits until no statement waits. */
    settled: async () => underWay,
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
