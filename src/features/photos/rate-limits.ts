import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const photoLimits = {
  upload: { limit: 120, seconds: 600, what: ({ limits }) => limits.upload },
} as const satisfies RateLimitTable
