/**
 * Runs jobs of one key after each other. A crowd that wants one row waits here, not in the
 * database, which gives up after seconds and keeps a connection for each.
 */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>()

  /** Does the work once all earlier work of the key is done, or has failed. */
  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const now = () => work()
    const mine = last.get(key)?.then(now, now) ?? now()
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
