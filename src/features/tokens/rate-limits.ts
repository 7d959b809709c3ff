import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const tokenLimits = {
  bad_token: { limit: 600, seconds: 60, what: 'bad tokens at `/verify` from one network' },
} as const satisfies RateLimitTable
