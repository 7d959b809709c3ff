import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const tokenLimits = {
  bad_token: { limit: 600, seconds: 60, what: ({ limits }) => limits.bad_token },
} as const satisfies RateLimitTable
