import { defineFeature } from '../feature.ts'
import { createAddresses } from './addresses.ts'
import { createClosedUsers } from './closed-users.ts'
import { accountOf } from './exported.ts'
import { createHoldings } from './holdings.ts'
import { createUsers } from './service.ts'
import { signInTime } from './sign-in-time.ts'
import { createStoredCosts, STORED_COSTS_INTERVAL_MS } from './stored-costs.ts'

export const usersFeature = defineFeature({
  name: 'users',
  open: ({ db, statements, clock, passwords }) => {
    const users = createUsers({ db, statements, clock })
    const addresses = createAddresses({ clock })
    const closedUsers = createClosedUsers({ db, clock })
    const holdings = createHoldings({ clock })
    const storedCosts = createStoredCosts({ db, passwords })
    return {
      services: { users, addresses, closedUsers, holdings, storedCosts, signInTime },
      exported: {
        account: { description: 'Your account.', read: (userId) => accountOf(db, userId) },
      },
      jobs: [
        {
          name: 'costs of stored hashes',
          everyMs: STORED_COSTS_INTERVAL_MS,
          run: storedCosts.refresh,
          isFirstAtStart: true,
        },
      ],
    }
  },
})
