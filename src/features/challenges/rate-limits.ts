import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const challengeLimits = {
  answers: { limit: 100, seconds: 600, what: ({ limits }) => limits.answers },
} as const satisfies RateLimitTable
