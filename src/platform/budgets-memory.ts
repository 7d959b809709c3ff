import { hash, randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** How often a key was counted in its window, and how long the window goes on. */
export type Count = { used: number; resetMs: number }

type Counter = { used: number; endsAt: number }

type Needs = {
  clock: Clock
  limit: number
  windowMs: number
  /** How many keys have a counter of their own. */
  places: number
}

/** How many counters are shared by the keys that find no place. */
const SHARED_COUNTERS = 1024

/**
 * The counters of one budget, in fixed windows. A live counter is never dropped to make room, or whoever
 * has many keys could wash a victim's counter out: a key that finds no place shares a counter with
 * others. Which one, and how keys are remembered, depends on a secret of the process, so that nobody can
 * choose keys that fall upon the counter of another.
 */
export function createMemoryCounters({ clock, limit, windowMs, places }: Needs) {
  // The oldest entry is the first one to end, since all windows are equally long.
  const own = new Map<string, Counter>()
  const shared = new Map<number, Counter>()
  const secret = randomBytes(32).toString('base64url')

  /** Counts one, unless the budget is used up: then `used` is above the limit. */
  function spend(key: string): Count {
    const now = clock()
    const counter = counterFor(nameOf(key), now)
    const resetMs = counter.endsAt - now
    if (counter.used >= limit) return { used: limit + 1, resetMs }
    counter.used += 1
    return { used: counter.used, resetMs }
  }

  /** Takes one back, where a window goes on and something was counted in it. */
  function giveBack(key: string): void {
    const name = nameOf(key)
    const counter = own.get(name) ?? shared.get(shareOf(name))
    if (counter && !isOver(counter, clock()) && counter.used > 0) counter.used -= 1
  }

  function counterFor(name: string, now: number): Counter {
    const known = own.get(name)
    if (known && !isOver(known, now)) return known
    own.delete(name)
    dropEnded(now)
    return own.size < places ? begin(own, name, now) : sharedCounter(shareOf(name), now)
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

  /** Two at each call outrun the one that may be added. */
  function dropEnded(now: number): void {
    let left = 2
    for (const [name, counter] of own) {
      if (left === 0 || !isOver(counter, now)) return
      own.delete(name)
      left -= 1
    }
  }

  /** A window that begins in the future is one from before the clock was set back. */
  function isOver({ endsAt }: Counter, now: number): boolean {
    return now >= endsAt || endsAt - now > windowMs
  }

  /** Short whatever a client sent, and no slice that would keep a whole header in memory. */
  function nameOf(key: string): string {
    return hash('sha256', secret + key, 'binary')
  }

  return { spend, giveBack }
}

function shareOf(name: string): number {
  return (name.charCodeAt(0) * 256 + name.charCodeAt(1)) % SHARED_COUNTERS
}
