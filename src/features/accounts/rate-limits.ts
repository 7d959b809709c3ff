import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const accountLimits = {
  // Whether a name is taken shows who is registered.
  rename_user: {
    limit: 10,
    seconds: 3600,
    what: ({ limits }) => limits.rename_user,
  },
  rename_network: {
    limit: 10,
    seconds: 3600,
    what: ({ limits }) => limits.rename_network,
  },
  register: { limit: 100, seconds: 3600, what: ({ limits }) => limits.register },
} as const satisfies RateLimitTable
