import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const signInLimits = {
  login: { limit: 60, seconds: 60, what: 'failed sign-ins to one account from unknown devices' },
  // Separate from the former, so that strangers cannot fill its table of counters.
  login_device: {
    limit: 60,
    seconds: 60,
    what: 'wrong passwords of one account on a known device',
  },
  login_network: {
    limit: 100,
    seconds: 600,
    what: 'failed sign-ins from unknown devices of one network',
  },
  // No request is refused for it: the code can still be asked for.
  sign_in_mail: {
    limit: 10,
    seconds: 86_400,
    what: 'codes that registrations and sign-ins mail to one address',
  },
  // Right passwords, too: each costs as much as a wrong one.
  password_check_network: {
    limit: 300,
    seconds: 600,
    what: 'checks of passwords from one network',
  },
  password_check_account: {
    limit: 300,
    seconds: 600,
    what: 'checks of the password of one account',
  },
} as const satisfies RateLimitTable
