import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const sessionLimits = {
  refresh: { limit: 120, seconds: 60, what: ({ limits }) => limits.refresh },
} as const satisfies RateLimitTable
