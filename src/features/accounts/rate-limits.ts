import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const accountLimits = {
  // Whether a name is taken shows who is registered.
  rename_user: {
    limit: 10,
    seconds: 3600,
    what: 'changes of username or e-mail address by one user',
  },
  rename_network: {
    limit: 10,
    seconds: 3600,
    what: 'changes of username or e-mail address from one network',
  },
  register: { limit: 100, seconds: 3600, what: 'registrations from one network' },
} as const satisfies RateLimitTable
