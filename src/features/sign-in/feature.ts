import { createBreachedPasswords } from '../../platform/passwords/breached/breached-passwords.ts'
import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createCredentials } from './credentials.ts'
import { signInErrors } from './errors.ts'
import { createKnownDevices } from './known-devices.ts'
import { createLockout } from './lockout.ts'
import { createNewPasswords } from './new-passwords.ts'
import { createPasswordChecks } from './password-checks.ts'
import { signInLimits } from './rate-limits.ts'
import { signInRoutes } from './routes.ts'

export const signInFeature = defineFeature({
  name: 'sign-in',
  needs: [auditFeature, mailFeature, usersFeature, sessionsFeature],
  rateLimits: signInLimits,
  errors: signInErrors,
  open: (kit) => {
    const { config, secrets, db, statements, dialect, clock, log } = kit
    const { passwords, rateLimits, browsers, audit, notices, users, sessions } = kit
    const { failuresMax } = config.signIn
    const knownDevices = createKnownDevices(secrets)
    const lockout = createLockout({
      ...{ db, statements, dialect, clock, secrets, audit, notices, failuresMax },
    })
    const passwordChecks = createPasswordChecks({ rateLimits })
    const breachedPasswords = createBreachedPasswords({ source: config.breachedPasswords, log })
    const newPasswords = createNewPasswords({ passwords, breachedPasswords })
    const credentials = createCredentials({
      ...{ users, passwords, passwordChecks, rateLimits, knownDevices, lockout, audit },
    })
    return {
      services: { knownDevices, lockout, passwordChecks, newPasswords, credentials },
      cookieRoutes: (app) =>
        app.register(signInRoutes, { credentials, sessions, notices, browsers }),
      clean: lockout.clean,
      removeOwned: lockout.forget,
    }
  },
})
