import { type Count, createMemoryCounters } from './budgets-memory.ts'
import type { SharedCounters } from './budgets-redis.ts'
import type { Clock } from './clock.ts'
import { RateLimited } from './error-table.ts'
import type { CodedError } from './errors.ts'

export type Budget = {
  /** How many in how many seconds. */
  limit: number
  seconds: number
  /** What is counted, after the number: `100 registrations from one network`. */
  what: string
}

/**
 * What one client may do, by purpose: so many in so many seconds, counted in fixed windows that begin
 * with the first one. Names are public: a 429 names the budget that is used up.
 */
export const BUDGETS = {
  login: { limit: 60, seconds: 60, what: 'failed sign-ins to one account from unknown devices' },
  // Apart from the former, so that strangers cannot fill the table in which these are counted.
  login_device: {
    limit: 60,
    seconds: 60,
    what: 'wrong passwords of one account on a known device',
  },
  login_network: {
    limit: 100,
    seconds: 600,
    what: 'failed sign-ins from unknown devices of one network',
  },
  register: { limit: 100, seconds: 3600, what: 'registrations from one network' },
  refresh: { limit: 120, seconds: 60, what: 'refreshes of one session' },
  upload: { limit: 120, seconds: 600, what: 'uploads by one user' },
  address: { limit: 6000, seconds: 60, what: 'requests from one network' },
} as const satisfies Record<string, Budget>

export type BudgetName = keyof typeof BUDGETS

/** One of something for each budget. */
export function perBudget<Thing>(
  make: (budget: Budget, name: BudgetName) => Thing,
): Record<BudgetName, Thing> {
  // Object.entries and Object.fromEntries know nothing of the names.
  const entries = Object.entries(BUDGETS) as [BudgetName, Budget][]
  const made = entries.map(([name, budget]) => [name, make(budget, name)])
  return Object.fromEntries(made) as Record<BudgetName, Thing>
}

/** Keys with a counter of their own in memory, for each budget. */
export const PLACES = 20_000

export type Budgets = ReturnType<typeof createBudgets>
type Needs = {
  clock: Clock
  /** Off, nothing is counted and nothing refused. */
  isOn: boolean
  /** Where several servers count together; while it is away, each counts by itself. */
  shared?: SharedCounters | undefined
}

/** Counts what clients do, and refuses what goes beyond. */
export function createBudgets({ clock, isOn, shared }: Needs) {
  const memory = perBudget(({ limit, seconds }) =>
    createMemoryCounters({ clock, limit, windowMs: seconds * 1000, places: PLACES }),
  )

  /**
   * Counts one against the budget of the key.
   * @param key whose budget it is: an account, a network, a session; any text of any length
   * @throws RateLimited when the budget is used up, which counts no further
   */
  async function spend(name: BudgetName, key: string): Promise<void> {
    if (!isOn) return
    const count = (await shared?.spend(name, key)) ?? memory[name].spend(key)
    if (count.used > BUDGETS[name].limit) throw usedUp(name, count)
  }

  /** Takes one back from the window that goes on, such as after a success, which costs nothing. */
  async function giveBack(name: BudgetName, key: string): Promise<void> {
    if (!isOn) return
    if ((await shared?.giveBack(name, key)) === undefined) memory[name].giveBack(key)
  }

  /** Whether the counters are where they should be: shared, if the settings say so. */
  async function areWhole(): Promise<boolean> {
    return !isOn || shared === undefined || (await shared.isThere())
  }

  return { spend, giveBack, areWhole }
}

/** draft-ietf-httpapi-ratelimit-headers-11: the policy, what is left of it, and seconds until there is more. */
function usedUp(name: BudgetName, { resetMs }: Count): CodedError {
  const { limit, seconds, what } = BUDGETS[name]
  const wait = Math.max(1, Math.ceil(resetMs / 1000))
  return RateLimited({
    detail: `Only ${limit} ${what} are let through in ${seconds} s; try again in ${wait} s.`,
    policies: [name],
    headers: {
      'retry-after': String(wait),
      ratelimit: `"${name}";r=0;t=${wait}`,
      'ratelimit-policy': `"${name}";q=${limit};w=${seconds}`,
    },
  })
}
