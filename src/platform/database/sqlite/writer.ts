import { type SqliteLimits, whileBusy } from './busy.ts'
import { openConnection, type SqliteConnection } from './connection.ts'
import { isBusy, queueIsFull, transactionIsOver, waitTimedOut } from './errors.ts'
import { createMutex } from './mutex.ts'

export type SqliteTransaction = {
  run<T>(action: (connection: SqliteConnection) => T): T
  commit(): void
  rollback(): void
}

export type SqliteWriter = ReturnType<typeof createWriter>

/**
 * The only writing connection: immediate transactions, one at a time. No statement is rolled back
 * with another's, and all waiting happens at BEGIN.
 */
export function createWriter(path: string, limits: SqliteLimits) {
  const mutex = createMutex({ ...limits, refuse: queueIsFull, timeOut: waitTimedOut })
  let connection: SqliteConnection | undefined

  async function healthyConnection(deadline: number): Promise<SqliteConnection> {
    connection ??= await whileBusy(() => openConnection(path, { readOnly: false }), deadline)
    return connection
  }

  function abort(open: SqliteConnection): void {
    try {
      if (open.isInTransaction()) open.script('ROLLBACK')
    } catch {
      // The error rolled back by itself; the state tells.
    }
    if (open.isInTransaction()) discard(open)
  }

  /** How to end the transaction after a failed statement; undefined where it can continue. */
  function afterFailure(open: SqliteConnection, error: unknown): (() => void) | undefined {
    // A statement that met a lock is still in progress and would spoil every later COMMIT.
    if (isBusy(error)) return () => discard(open)
    // A full disk rolled everything back: the next statement would be its own transaction.
    return open.isInTransaction() ? undefined : () => abort(open)
  }

  // Roll back first: a closed connection keeps its lock until its statements are collected.
  function discard(open: SqliteConnection): void {
    connection = undefined
    try {
      if (open.isInTransaction()) open.script('ROLLBACK')
    } finally {
      open.close()
    }
  }

  /** @throws DriverAdapterError when the wait was too long or the queue is full */
  async function begin(): Promise<SqliteTransaction> {
    const deadline = performance.now() + limits.waitMs
    const release = await mutex.acquire(limits.waitMs)
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
    const watchdog = setTimeout(rollback, limits.transactionMs)

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

  async function runBare<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + limits.waitMs
    const release = await mutex.acquire(limits.waitMs)
    try {
      return action(await healthyConnection(deadline))
    } finally {
      release()
    }
  }

  /** Waits until nothing runs, checkpoints the WAL, and closes. */
  async function close(): Promise<void> {
    const release = await mutex.acquire(limits.waitMs)
    try {
      connection?.script('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      if (!isBusy(error)) throw error
    } finally {
      if (connection) discard(connection)
      release()
    }
  }

  const { isLocked, waitingCount } = mutex
  return {
    open: () => runBare(() => undefined),
    begin,
    write,
    runBare,
    close,
    isLocked,
    waitingCount,
  }
}
