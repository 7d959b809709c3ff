import { type SqliteLimits, whileBusy } from './busy.ts'
import { openConnection, type SqliteConnection } from './connection.ts'
import { isBusy, queueIsFull, waitTimedOut } from './errors.ts'
import { createMutex } from './mutex.ts'

export type SqliteReader = ReturnType<typeof createReader>

/** A read-only connection: sees what is committed, and waits for no writer. */
export function createReader(path: string, limits: SqliteLimits) {
  const mutex = createMutex({ ...limits, refuse: queueIsFull, timeOut: waitTimedOut })
  let connection: SqliteConnection | undefined

  function attempt<T>(action: (connection: SqliteConnection) => T): T {
    connection ??= openConnection(path, { readOnly: true })
    try {
      return action(connection)
    } catch (error) {
      // A read left in progress would keep an old snapshot.
      if (isBusy(error)) close()
      throw error
    }
  }

  async function attemptLater<T>(action: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + limits.waitMs
    const release = await mutex.acquire(limits.waitMs)
    try {
      return await whileBusy(() => attempt(action), deadline)
    } finally {
      release()
    }
  }

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
