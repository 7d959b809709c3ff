import { createHmac } from 'node:crypto'
import type { Result } from 'ioredis'
import type { Log } from '../log/log.ts'
import type { RedisAddress } from '../redis/address.ts'
import { openRedis } from '../redis/redis.ts'
import type { Spans } from '../tracing/spans.ts'
import type { Count } from './memory.ts'
import type { RateLimitTable } from './rate-limits.ts'
import type { SharedCounters } from './shared-counters.ts'

/** As in memory: refusals do not count, and refunds stop at zero. */
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

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countLatchkey(
      ...args: [key: string, points: number, seconds: number, limit: number]
    ): Result<[used: number, ttl: number], Context>
  }
}

type Dependencies<Name extends string> = {
  address: RedisAddress
  limits: RateLimitTable<Name>
  /** Hides names and addresses from readers of Redis; the same on every server. */
  secret: Buffer
  log: Log
  spans?: Spans
}

/** Counters in Redis, one script per request, under keys such as `latchkey:login:…`. */
export async function openSharedCounters<Name extends string>(
  dependencies: Dependencies<Name>,
): Promise<SharedCounters<Name>> {
  const { limits, secret } = dependencies
  const redis = await openRedis(dependencies)
  redis.client.defineCommand('countLatchkey', { numberOfKeys: 1, lua: COUNT })

  async function count(name: Name, key: string, points: 1 | -1): Promise<Count | undefined> {
    const { limit, seconds } = limits[name]
    // Short, and without names or addresses.
    const digest = createHmac('sha256', secret).update(key).digest('base64url')
    const answer = await redis.ask(() =>
      redis.client.countLatchkey(`latchkey:${name}:${digest}`, points, seconds, limit),
    )
    return answer && { used: answer[0], resetMs: answer[1] }
  }

  return {
    consume: (name, key) => count(name, key, 1),
    refund: (name, key) => count(name, key, -1),
    isThere: redis.isThere,
    close: redis.close,
  }
}
