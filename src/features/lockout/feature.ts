import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { createFactorLockout } from './factor-lockout.ts'
import { createFailureStore } from './failure-store.ts'
import { createKnownDevices } from './known-devices.ts'
import { createLockEnds } from './lock-ends.ts'
import { createLocks } from './locks.ts'
import { createLockout } from './service.ts'

export const lockoutFeature = defineFeature({
  name: 'lockout',
  needs: [auditFeature, mailFeature],
  open: (kit) => {
    const { config, secrets, db, statements, dialect, clock, audit, notices } = kit
    const { failuresMax } = config.signIn
    const store = createFailureStore({ db, statements, clock })
    const locks = createLocks({ clock, failuresMax })
    const shared = { db, dialect, store, locks, audit, notices, failuresMax }
    const lockout = createLockout({ ...shared, secrets })
    const factorLockout = createFactorLockout(shared)
    return {
      services: {
        ...{ lockout, factorLockout, knownDevices: createKnownDevices(secrets) },
        lockEnds: createLockEnds({ db, locks, failuresMax }),
      },
      clean: lockout.clean,
      removeOwned: lockout.forget,
    }
  },
})
