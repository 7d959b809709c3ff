import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const providerLimits = {
  // Each may bring calls to the provider.
  provider_network: {
    limit: 300,
    seconds: 3600,
    what: ({ limits }) => limits.provider_network,
  },
  provider_accounts: {
    limit: 100,
    seconds: 3600,
    what: ({ limits }) => limits.provider_accounts,
  },
} as const satisfies RateLimitTable
