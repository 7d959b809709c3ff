import { setTimeout as sleep } from 'node:timers/promises'
import { isBusy, waitTimedOut } from './errors.ts'

export type SqliteLimits = {
  /** How long a statement waits for the queue and for locks of other processes. */
  waitMs: number
  maxWaiting: number
  /** Transactions that nobody ends are rolled back then. */
  transactionMs: number
}

const PAUSES_MS = [1, 2, 5, 10, 20, 25]

/** Retries while another process holds the lock; SQLite's own wait blocks the process. */
export async function whileBusy<T>(action: () => T, deadline: number): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return action()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    const pause = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 25
    if (performance.now() + pause > deadline) throw waitTimedOut()
    await sleep(pause)
  }
}
