import { sendsMail } from '../../config/sends-mail.ts'
import { createBreachedPasswords } from '../../platform/passwords/breached/breached-passwords.ts'
import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createAccountCodes } from './account-codes.ts'
import { breachMetrics } from './breach-metrics.ts'
import { createChallengeSignIn } from './challenge-sign-in.ts'
import { createCredentials } from './credentials.ts'
import { signInErrors } from './errors.ts'
import { createNewPasswords } from './new-passwords.ts'
import { createPasswordChecks } from './password-checks.ts'
import { signInPurpose } from './purpose.ts'
import { signInLimits } from './rate-limits.ts'
import { signInRoutes } from './routes.ts'
import { createSignInCodes, SIGN_IN } from './sign-in-codes.ts'

export const signInFeature = defineFeature({
  name: 'sign-in',
  needs: [
    auditFeature,
    lockoutFeature,
    factorsFeature,
    challengesFeature,
    mailFeature,
    usersFeature,
    sessionsFeature,
  ],
  rateLimits: signInLimits,
  errors: signInErrors,
  open: (kit) => {
    const { config, db, clock, log } = kit
    const { passwords, rateLimits, browsers, audit, notices, users, sessions } = kit
    const { challenges, mail, addresses, lockout, knownDevices, secondFactor } = kit
    const passwordChecks = createPasswordChecks({ rateLimits })
    const breachedPasswords = createBreachedPasswords({
      ...{ source: config.breachedPasswords, log, spans: kit.spans },
    })
    const newPasswords = createNewPasswords({ passwords, breachedPasswords })
    const credentials = createCredentials({
      ...{ users, passwords, passwordChecks, rateLimits, knownDevices, lockout, audit },
    })
    const accountCodes = createAccountCodes({
      ...{ db, clock, challenges, mail, users, knownDevices },
    })
    const signInCodes = createSignInCodes({
      isOffered: config.mail.signInByMail && sendsMail(config),
      isRequired: config.mail.verification === 'required',
      ...{ accountCodes, lockout, knownDevices, rateLimits },
    })
    const challengeSignIn = createChallengeSignIn({
      ...{ clock, users, addresses, accountCodes, signInCodes, secondFactor, sessions },
      ...{ knownDevices, notices, audit },
      trustedSeconds: config.factors.trustedDeviceSeconds,
    })
    return {
      services: {
        ...{ passwordChecks, newPasswords, credentials, accountCodes, signInCodes },
        challengeSignIn,
      },
      cookieRoutes: (app) =>
        app.register(signInRoutes, {
          ...{ credentials, signInCodes, challengeSignIn, sessions, notices, browsers },
        }),
      metrics: breachMetrics(newPasswords.breachChecks),
      purposes: { [SIGN_IN]: signInPurpose({ signInCodes, challengeSignIn }) },
    }
  },
})
