import type { LimitsOf } from './features/feature.ts'
import { FEATURES } from './features.ts'
import { requestLimits } from './http/hooks/rate-limits.ts'

/** Every rate limit of the server: those of the features, and the one of all requests. */
export const rateLimitTable: LimitsOf<typeof FEATURES> & typeof requestLimits = Object.assign(
  {},
  ...FEATURES.map(({ rateLimits }) => rateLimits),
  requestLimits,
)

export type RateLimitName = keyof typeof rateLimitTable
