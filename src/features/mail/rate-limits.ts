import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'

export const mailLimits = {
  mail: {
    limit: 3,
    seconds: 900,
    what: ({ limits }) => limits.mail,
  },
  mail_day: {
    limit: 10,
    seconds: 86_400,
    what: ({ limits }) => limits.mail_day,
  },
  mail_network: { limit: 20, seconds: 3600, what: ({ limits }) => limits.mail_network },
  // No request is refused for it, so a load test loses nothing where it holds.
  notices: {
    ...{ limit: 5, seconds: 86_400, what: ({ limits }) => limits.notices },
    isAlwaysOn: true,
  },
  daily_notices: {
    ...{ limit: 1, seconds: 86_400, what: ({ limits }) => limits.daily_notices },
    isAlwaysOn: true,
  },
} as const satisfies RateLimitTable
