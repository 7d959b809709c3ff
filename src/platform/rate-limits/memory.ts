import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'

/** Uses of a key in its window, and how long the window lasts. */
export type Count = { used: number; resetMs: number }

type Counter = { used: number; endsAt: number }

type Dependencies = {
  clock: Clock
  limit: number
  windowMs: number
  /** Keys with their own counter. */
  maxKeys: number
}

/** Counters shared by the keys beyond `maxKeys`. */
const SHARED_COUNTERS = 1024

export type MemoryCounters = ReturnType<typeof createMemoryCounters>

/**
 * Counters of one rate limit in fixed windows. Live counters are not evicted, so many keys cannot
 * reset a victim's: without room, keys share counters. A secret of the process decides which, so
 * that nobody can choose keys that share another's counter.
 */
export function createMemoryCounters({ clock, limit, windowMs, maxKeys }: Dependencies) {
  // The oldest window ends first, since all have the same length.
  const own = new Map<string, Counter>()
  const shared = new Map<number, Counter>()
  const secret = randomBytes(32).toString('base64url')

  /** Counts one unless the limit is used up: then `used` exceeds it. */
  function consume(key: string): Count {
    const now = clock()
    const counter = counterFor(nameOf(key), now)
    const resetMs = counter.endsAt - now
    if (counter.used >= limit) return { used: limit + 1, resetMs }
    counter.used += 1
    return { used: counter.used, resetMs }
  }

  /** Takes one back if the window has not ended and counted something. */
  function refund(key: string): void {
    const name = nameOf(key)
    const counter = own.get(name) ?? shared.get(shareOf(name))
    if (counter && !isOver(counter, clock()) && counter.used > 0) counter.used -= 1
  }

  function counterFor(name: string, now: number): Counter {
    const known = own.get(name)
    if (known && !isOver(known, now)) return known
    own.delete(name)
    dropEnded(now)
    return own.size < maxKeys ? begin(own, name, now) : sharedCounter(shareOf(name), now)
  }

  function sharedCounter(share: number, now: number): Counter {
    const known = shared.get(share)
    return known && !isOver(known, now) ? known : begin(shared, share, now)
  }

  function begin<Key>(counters: Map<Key, Counter>, key: Key, now: number): Counter {
    const counter = { used: 0, endsAt: now + windowMs }
    counters.set(key, counter)
    return counter
  }

  /** Removing two at each call outruns the one that may be added. */
  function dropEnded(now: number): void {
    let left = 2
    for (const [name, counter] of own) {
      if (left === 0 || !isOver(counter, now)) return
      own.delete(name)
      left -= 1
    }
  }

  /** A window that begins in the future is from before the clock was set back. */
  function isOver({ endsAt }: Counter, now: number): boolean {
    return now >= endsAt || endsAt - now > windowMs
  }

  /** Short for any input, and no slice that keeps a whole header in memory. */
  function nameOf(key: string): string {
    return hash('sha256', secret + key, 'binary')
  }

  return { consume, refund }
}

function shareOf(name: string): number {
  return (name.charCodeAt(0) * 256 + name.charCodeAt(1)) % SHARED_COUNTERS
}
