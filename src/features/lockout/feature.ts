import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { createKnownDevices } from './known-devices.ts'
import { createLockout } from './service.ts'

export const lockoutFeature = defineFeature({
  name: 'lockout',
  needs: [auditFeature, mailFeature],
  open: (kit) => {
    const { config, secrets, db, statements, dialect, clock, audit, notices } = kit
    const { failuresMax } = config.signIn
    const lockout = createLockout({
      ...{ db, statements, dialect, clock, secrets, audit, notices, failuresMax },
    })
    return {
      services: { lockout, knownDevices: createKnownDevices(secrets) },
      clean: lockout.clean,
      removeOwned: lockout.forget,
    }
  },
})
