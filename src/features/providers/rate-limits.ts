import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const providerLimits = {
  // Each may bring calls to the provider.
  provider_network: {
    limit: 300,
    seconds: 3600,
    what: 'sign-ins with a provider that one network begins',
  },
  provider_accounts: {
    limit: 100,
    seconds: 3600,
    what: 'new accounts by a provider from one network',
  },
} as const satisfies RateLimitTable
