import { defineFeature } from '../feature.ts'
import { createAddresses } from './addresses.ts'
import { createAdministeredUsers } from './administered-users.ts'
import { createClaimedUsers } from './claimed-users.ts'
import { createClosedUsers } from './closed-users.ts'
import { accountOf } from './exported.ts'
import { createHoldings } from './holdings.ts'
import { createInvitedUsers } from './invited-users.ts'
import { createLastAdmin } from './last-admin.ts'
import { createUsers } from './service.ts'
import { signInTime } from './sign-in-time.ts'
import { createStoredCosts, STORED_COSTS_INTERVAL_MS } from './stored-costs.ts'
import { createUserCounts } from './user-counts.ts'
import { createUserList } from './user-list.ts'

export const usersFeature = defineFeature({
  name: 'users',
  open: ({ db, statements, dialect, clock, passwords }) => {
    const users = createUsers({ db, statements, clock })
    const addresses = createAddresses({ clock })
    const lastAdmin = createLastAdmin({ clock })
    const closedUsers = createClosedUsers({ db, statements, clock, lastAdmin })
    const administeredUsers = createAdministeredUsers({ db, clock, lastAdmin })
    const claimedUsers = createClaimedUsers({ clock })
    const invitedUsers = createInvitedUsers({ clock })
    const userList = createUserList({ db, dialect })
    const userCounts = createUserCounts({ db, dialect })
    const holdings = createHoldings({ clock })
    const storedCosts = createStoredCosts({ statements, passwords })
    return {
      services: {
        ...{ users, addresses, closedUsers, holdings, storedCosts, signInTime, lastAdmin },
        ...{ administeredUsers, claimedUsers, invitedUsers, userList, userCounts },
      },
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
