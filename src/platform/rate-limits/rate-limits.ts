import type { Text } from '../../languages/text.ts'
import { tell } from '../../languages/text.ts'
import type { Clock } from '../clock.ts'
import type { ApiError } from '../errors/api-error.ts'
import { RateLimited } from '../errors/table.ts'
import { type Count, createMemoryCounters, type MemoryCounters } from './memory.ts'
import type { SharedCounters } from './shared-counters.ts'

/** How often a client may do something, in fixed windows that begin with the first time. */
export type RateLimit = {
  limit: number
  seconds: number
  /** Follows the number: `100 registrations from one network`. */
  what: Text
  /** Counted also where the others are switched off. */
  isAlwaysOn?: true
}

/** Names are public: a 429 names the limit that is used up. */
export type RateLimitTable<Name extends string = string> = Readonly<Record<Name, RateLimit>>

export type Consumption<Name extends string> = readonly [name: Name, key: string]

export type RateLimits<Name extends string> = {
  /**
   * Counts one. @param key an account, a network, a session; any text of any length
   * @throws RateLimited when the limit is used up, and counts no further
   */
  consume: (name: Name, key: string) => Promise<void>
  /** Takes one back from the current window, such as after a success. */
  refund: (name: Name, key: string) => Promise<void>
  /** All of them, or none. @throws RateLimited for the first limit that is used up */
  consumeAll: (consumptions: readonly Consumption<Name>[]) => Promise<void>
  refundAll: (consumptions: readonly Consumption<Name>[]) => Promise<void>
  /** Whether counters are shared where the settings say so. */
  isHealthy: () => Promise<boolean>
}

type Dependencies<Name extends string> = {
  limits: RateLimitTable<Name>
  clock: Clock
  isOn: boolean
  /** Counters of several servers; while they are away, each server counts by itself. */
  shared?: SharedCounters<Name> | undefined
}

export function createRateLimits<Name extends string>(
  dependencies: Dependencies<Name>,
): RateLimits<Name> {
  const { limits, clock, isOn, shared } = dependencies
  const memory = createCounters(limits, clock)

  const counts = (name: Name) => isOn || limits[name].isAlwaysOn === true

  async function consume(name: Name, key: string): Promise<void> {
    if (!counts(name)) return
    const count = (await shared?.consume(name, key)) ?? memory[name].consume(key)
    if (count.used > limits[name].limit) throw usedUp(name, limits[name], count)
  }

  async function refund(name: Name, key: string): Promise<void> {
    if (!counts(name)) return
    if ((await shared?.refund(name, key)) === undefined) memory[name].refund(key)
  }

  async function consumeAll(consumptions: readonly Consumption<Name>[]): Promise<void> {
    for (const [at, consumption] of consumptions.entries()) {
      try {
        await consume(...consumption)
      } catch (error) {
        await refundAll(consumptions.slice(0, at))
        throw error
      }
    }
  }

  async function refundAll(consumptions: readonly Consumption<Name>[]): Promise<void> {
    await Promise.all(consumptions.map((consumption) => refund(...consumption)))
  }

  async function isHealthy(): Promise<boolean> {
    return !isOn || shared === undefined || (await shared.isThere())
  }

  return { consume, refund, consumeAll, refundAll, isHealthy }
}

/** In memory, for each limit. */
export const MAX_KEYS = 20_000

function createCounters<Name extends string>(
  limits: RateLimitTable<Name>,
  clock: Clock,
): Record<Name, MemoryCounters> {
  const made = Object.entries<RateLimit>(limits).map(([name, { limit, seconds }]) => {
    const windowMs = seconds * 1000
    return [name, createMemoryCounters({ clock, limit, windowMs, maxKeys: MAX_KEYS })]
  })
  // Object.fromEntries does not know the names.
  return Object.fromEntries(made) as Record<Name, MemoryCounters>
}

/** draft-ietf-httpapi-ratelimit-headers-11: policy, rest of it, seconds until reset. */
function usedUp(name: string, { limit, seconds, what }: RateLimit, { resetMs }: Count): ApiError {
  const wait = Math.max(1, Math.ceil(resetMs / 1000))
  return RateLimited({
    detail: (texts) => texts.details.limitUsedUp(limit, tell(what, texts), seconds, wait),
    policies: [name],
    headers: {
      'retry-after': String(wait),
      ratelimit: `"${name}";r=0;t=${wait}`,
      'ratelimit-policy': `"${name}";q=${limit};w=${seconds}`,
    },
  })
}
