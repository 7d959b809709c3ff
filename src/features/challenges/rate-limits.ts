import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const challengeLimits = {
  answers: { limit: 100, seconds: 600, what: 'answers to challenges from one network' },
} as const satisfies RateLimitTable
