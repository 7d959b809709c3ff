import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const activityLimits = {
  // It reads every row of the user.
  export: { limit: 10, seconds: 3600, what: ({ limits }) => limits.export },
} as const satisfies RateLimitTable
