import type { LightMyRequestResponse } from 'fastify'
import { english } from '../../src/languages/languages.ts'
import { tell } from '../../src/languages/text.ts'
import { type RateLimitName, rateLimitTable } from '../../src/rate-limits.ts'
import type { TestServer } from './helper.ts'
import { assertProblem } from './problems.ts'

/** Uses up the rate limit of a key until so many requests are left. */
export async function leave(
  left: number,
  { services: { rateLimits } }: Pick<TestServer, 'services'>,
  name: RateLimitName,
  key: string,
): Promise<void> {
  for (let spent = left; spent < rateLimitTable[name].limit; spent++)
    await rateLimits.consume(name, key)
}

/** Compares a whole 429 that names the budget. */
export function assertUsedUp(
  answer: LightMyRequestResponse,
  name: RateLimitName,
  { wait, headers = {} }: { wait: number; headers?: Record<string, string> },
): void {
  const { limit, seconds, what } = rateLimitTable[name]
  assertProblem(answer, 'rate_limited', {
    detail: `Only ${limit} ${tell(what, english)} are allowed in ${seconds} s; retry in ${wait} s.`,
    policies: [name],
    headers: {
      'retry-after': String(wait),
      ratelimit: `"${name}";r=0;t=${wait}`,
      'ratelimit-policy': `"${name}";q=${limit};w=${seconds}`,
      ...headers,
    },
  })
}
