import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const mailLimits = {
  mail: {
    limit: 3,
    seconds: 900,
    what: 'mails asked for with one address or name, as it was typed',
  },
  mail_day: {
    limit: 10,
    seconds: 86_400,
    what: 'mails asked for with one address or name, in a day',
  },
  mail_network: { limit: 20, seconds: 3600, what: 'mails asked for from one network' },
  // No request is refused for it, so a load test loses nothing where it holds.
  notices: {
    ...{ limit: 5, seconds: 86_400, what: 'notices of one kind to one account' },
    isAlwaysOn: true,
  },
  daily_notices: {
    ...{ limit: 1, seconds: 86_400, what: 'notice of wrong factors to one account' },
    isAlwaysOn: true,
  },
} as const satisfies RateLimitTable
