import { type BudgetName, PLACES, perBudget } from './budgets.ts'
import { type Count, createMemoryCounters } from './budgets-memory.ts'
import type { SharedCounters } from './budgets-redis.ts'
import type { Clock } from './clock.ts'
import type { Ask, Handlers } from './process-calls.ts'

type Question = { name: BudgetName; key: string }

/** The counters of all workers, in the process that started them. */
export function countForWorkers(clock: Clock): Handlers {
  const counters = perBudget(({ limit, seconds }) =>
    createMemoryCounters({ clock, limit, windowMs: seconds * 1000, places: PLACES }),
  )
  return {
    spend: ({ name, key }: Question) => counters[name].spend(key),
    giveBack: ({ name, key }: Question) => {
      counters[name].giveBack(key)
      return true
    },
  }
}

/** A worker's way to them. While nobody answers, it counts by itself. */
export function askForCounts(ask: Ask): SharedCounters {
  return {
    spend: async (name, key) => (await ask('spend', { name, key })) as Count | undefined,
    giveBack: (name, key) => ask('giveBack', { name, key }),
    isThere: async () => true,
    close: () => undefined,
  }
}
