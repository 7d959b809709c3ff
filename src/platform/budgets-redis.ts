import { createHmac } from 'node:crypto'
import type { RateLimiterRes } from 'rate-limiter-flexible'
import { type BudgetName, perBudget } from './budgets.ts'
import type { Count } from './budgets-memory.ts'
import type { Log } from './log.ts'
import { openRedis } from './redis.ts'

/** Counters that several servers share. Each answer may be missing, when what shares them is away. */
export type SharedCounters = {
  spend: (name: BudgetName, key: string) => Promise<Count | undefined>
  giveBack: (name: BudgetName, key: string) => Promise<unknown>
  isThere: () => Promise<boolean>
  close: () => void
}

/**
 * What the library runs in Redis, with two rules of the counters in memory: what is refused counts no
 * further, and nothing is given back that was not counted in the same window.
 */
const COUNT = `
local used = tonumber(redis.call('get', KEYS[1]) or '0')
local points, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
if points > 0 and used >= limit then
  used = limit + 1
elseif used + points >= 0 then
  used = redis.call('incrby', KEYS[1], points)
end
local ttl = redis.call('pttl', KEYS[1])
if ttl == -1 then
  redis.call('expire', KEYS[1], ARGV[2])
  ttl = 1000 * ARGV[2]
end
return { used, ttl }`

type Needs = {
  url: string
  /** Hides names and addresses from who reads Redis; the same on every server. */
  secret: Buffer
  log: Log
}

/** Counters in Redis, one script for each request. They are keys such as `latchkey:login:…`. */
export async function openSharedCounters({ url, secret, log }: Needs): Promise<SharedCounters> {
  const redis = await openRedis({ url, log })
  const { RateLimiterRedis, RateLimiterRes } = await import('rate-limiter-flexible')
  const limiters = perBudget(({ limit, seconds }, name) => {
    return new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: `latchkey:${name}`,
      points: limit,
      duration: seconds,
      customIncrTtlLuaScript: COUNT,
      rejectIfRedisNotReady: true,
    })
  })

  /** Short whatever a client sent, and nobody's name or address. */
  function nameOf(key: string): string {
    return createHmac('sha256', secret).update(key).digest('base64url')
  }

  /** The library throws its answer where the budget is used up. */
  async function consume(name: BudgetName, key: string): Promise<RateLimiterRes> {
    try {
      return await limiters[name].consume(nameOf(key))
    } catch (thrown) {
      if (thrown instanceof RateLimiterRes) return thrown
      throw thrown
    }
  }

  return {
    spend: async (name, key) => countOf(await redis.ask(() => consume(name, key))),
    giveBack: async (name, key) =>
      countOf(await redis.ask(() => limiters[name].reward(nameOf(key)))),
    isThere: redis.isThere,
    close: redis.close,
  }
}

function countOf(answer: RateLimiterRes | undefined): Count | undefined {
  return answer && { used: answer.consumedPoints, resetMs: answer.msBeforeNext }
}
