import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const signInLimits = {
  login: { limit: 60, seconds: 60, what: ({ limits }) => limits.login },
  // Separate from the former, so that strangers cannot fill its table of counters.
  login_device: {
    limit: 60,
    seconds: 60,
    what: ({ limits }) => limits.login_device,
  },
  login_network: {
    limit: 100,
    seconds: 600,
    what: ({ limits }) => limits.login_network,
  },
  // No request is refused for it: the code can still be asked for.
  sign_in_mail: {
    limit: 10,
    seconds: 86_400,
    what: ({ limits }) => limits.sign_in_mail,
  },
  // Right passwords, too: each costs as much as a wrong one.
  password_check_network: {
    limit: 300,
    seconds: 600,
    what: ({ limits }) => limits.password_check_network,
  },
  password_check_account: {
    limit: 300,
    seconds: 600,
    what: ({ limits }) => limits.password_check_account,
  },
} as const satisfies RateLimitTable
