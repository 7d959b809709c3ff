import type { Clock } from '../clock.ts'
import type { Call, Procedures } from '../cluster/rpc.ts'
import { type Count, createMemoryCounters, type MemoryCounters } from './memory.ts'
import { MAX_KEYS, type RateLimitTable } from './rate-limits.ts'
import type { SharedCounters } from './shared-counters.ts'

type Question = { name: string; key: string; limit: number; seconds: number }

/** The counters of all workers, in the primary; the workers know the limits. */
export function countForWorkers(clock: Clock): Procedures {
  const counters = new Map<string, MemoryCounters>()

  function counterOf({ name, limit, seconds }: Question): MemoryCounters {
    const known = counters.get(name)
    if (known) return known
    const windowMs = seconds * 1000
    const counter = createMemoryCounters({ clock, limit, windowMs, maxKeys: MAX_KEYS })
    counters.set(name, counter)
    return counter
  }

  return {
    consume: (question: Question) => counterOf(question).consume(question.key),
    refund: (question: Question) => {
      counterOf(question).refund(question.key)
      return true
    },
  }
}

/** A worker's way to them. While nobody answers, it counts by itself. */
export function askForCounts<Name extends string>(
  call: Call,
  limits: RateLimitTable<Name>,
): SharedCounters<Name> {
  function question(name: Name, key: string): Question {
    const { limit, seconds } = limits[name]
    return { name, key, limit, seconds }
  }

  return {
    consume: async (name, key) => (await call('consume', question(name, key))) as Count | undefined,
    refund: (name, key) => call('refund', question(name, key)),
    isThere: async () => true,
    close: () => undefined,
  }
}
