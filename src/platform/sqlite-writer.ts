import { setTimeout as sleep } from 'node:timers/promises'
import { openConnection, type SqliteConnection } from './sqlite-connection.ts'
import { isBusy, queueIsFull, transactionIsOver, waitTimedOut } from './sqlite-errors.ts'
import { createTurns } from './turns.ts'

export type SqliteLimits = {
  /** How long a statement waits in all: in the queue and for the locks of other processes. */
  waitMilliseconds: number
  maxWaiting: number
  /** After this time a transaction that nobody ended is rolled back. */
  transactionMilliseconds: number
}

export type SqliteTransaction = {
  run<T>(action: (connection: SqliteConnection) => T): T
  commit(): void
  rollback(): void
}

export type SqliteWriter = ReturnType<typeof createWriter>
export type SqliteReader = ReturnType<typeof createReader>

const pausesMilliseconds = [1, 2, 5, 10, 20, 25]

/**
 * Repeats an action while another process holds the lock that it needs. The waiting is done
 * here and not by SQLite, whose own wait would stop the whole process.
 * @param deadline by `performance.now()`
 */
export async function whileBusy<T>(action: () => T, deadline: number): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return action()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    const pause = pausesMilliseconds[Math.min(attempt, pausesMilliseconds.length - 1)] ?? 25
    if (performance.now() + pause > deadline) throw waitTimedOut()
    await sleep(pause)
  }
}

/**
 * The one connection that writes. Whatever it does is one immediate transaction, and nothing
 * else runs on it meanwhile: so a statement can never be undone with a transaction of somebody
 * else, and the only place to wait for another process is BEGIN, where nothing has happened yet.
 */
export function createWriter(path: string, limits: SqliteLimits) {
  const turns = createTurns({ ...limits, refuse: queueIsFull, timeOut: waitTimedOut })
  let connection: SqliteConnection | undefined

  async function healthyConnection(deadline: number): Promise<SqliteConnection> {
    connection ??= await whileBusy(() => openConnection(path, { readOnly: false }), deadline)
    return connection
  }

  function abort(open: SqliteConnection): void {
    try {
      if (open.isInTransaction()) open.script('ROLLBACK')
    } catch {
      // An error that undid the transaction by itself; the state tells.
    }
    if (open.isInTransaction()) discard(open)
  }

  /** What ends the transaction after a statement failed in it, or undefined where it can go on. */
  function afterFailure(open: SqliteConnection, error: unknown): (() => void) | undefined {
    // A statement that found a lock here is still in progress and would spoil every later COMMIT.
    if (isBusy(error)) return () => discard(open)
    // A full disk undoes all of it: another statement would be a transaction of its own.
    return open.isInTransaction() ? undefined : () => abort(open)
  }

  // Rolls back first: a closed connection lives on, with its lock, until its statements are collected.
  function discard(open: SqliteConnection): void {
    connection = undefined
    try {
      if (open.isInTransaction()) open.script('ROLLBACK')
    } finally {
      open.close()
    }
  }

  /**
   * Waits for the turn and for the lock, and begins.
   * @throws DriverAdapterError when either took too long or the queue is full
   */
  async function begin(): Promise<SqliteTransaction> {
    const deadline = performance.now() + limits.waitMilliseconds
    const release = await turns.take(limits.waitMilliseconds)
    try {
      const open = await healthyConnection(deadline)
      await whileBusy(() => open.script('BEGIN IMMEDIATE'), deadline)
      return transaction(open, release)
    } catch (error) {
      release()
      throw error
    }
  }

  function transaction(open: SqliteConnection, release: () => void): SqliteTransaction {
    let isOver = false
    const watchdog = setTimeout(rollback, limits.transactionMilliseconds)

    function end(action: () => void): void {
      isOver = true
      clearTimeout(watchdog)
      try {
        action()
      } finally {
        release()
      }
    }
    function rollback(): void {
      if (!isOver) end(() => abort(open))
    }
    function run<T>(action: (connection: SqliteConnection) => T): T {
      if (isOver) throw transactionIsOver()
      try {
        return action(open)
      } catch (error) {
        const cleanUp = afterFailure(open, error)
        if (cleanUp) end(cleanUp)
        throw error
      }
    }
    function commit(): void {
      if (isOver) throw transactionIsOver()
      end(() => {
        try {
          open.script('COMMIT')
        } finally {
          abort(open)
        }
      })
    }
    return { run, commit, rollback }
  }

  /** Runs one action as a transaction of its own. */
  async function write<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    const own = await begin()
    try {
      const result = own.run(action)
      own.commit()
      return result
    } finally {
      own.rollback()
    }
  }

  /** Runs one action on the connection outside of a transaction, for what SQLite refuses inside. */
  async function runBare<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + limits.waitMilliseconds
    const release = await turns.take(limits.waitMilliseconds)
    try {
      return action(await healthyConnection(deadline))
    } finally {
      release()
    }
  }

  /** Waits until nothing runs, writes the log into the database file, and closes. */
  async function close(): Promise<void> {
    const release = await turns.take(limits.waitMilliseconds)
    try {
      connection?.script('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      if (!isBusy(error)) throw error
    } finally {
      if (connection) discard(connection)
      release()
    }
  }

  return { open: () => runBare(() => undefined), begin, write, runBare, close }
}

/** A connection that only reads: it sees what is committed, and no writer is in its way. */
export function createReader(path: string, limits: SqliteLimits) {
  const turns = createTurns({ ...limits, refuse: queueIsFull, timeOut: waitTimedOut })
  let connection: SqliteConnection | undefined

  function attempt<T>(action: (connection: SqliteConnection) => T): T {
    connection ??= openConnection(path, { readOnly: true })
    try {
      return action(connection)
    } catch (error) {
      // A read that is left in progress would hold on to an old state of the database.
      if (isBusy(error)) close()
      throw error
    }
  }

  async function attemptLater<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + limits.waitMilliseconds
    const release = await turns.take(limits.waitMilliseconds)
    try {
      return await whileBusy(() => attempt(action), deadline)
    } finally {
      release()
    }
  }

  /** Runs one action; when another process is in the way, again until the time limit. */
  async function read<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    try {
      return attempt(action)
    } catch (error) {
      if (!isBusy(error)) throw error
      return attemptLater(action)
    }
  }

  function close(): void {
    connection?.close()
    connection = undefined
  }

  return { read, close }
}
