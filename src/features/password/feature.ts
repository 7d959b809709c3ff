import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { passwordRoutes } from './routes.ts'
import { createPasswordService } from './service.ts'

export const passwordFeature = defineFeature({
  name: 'password',
  needs: [
    auditFeature,
    lockoutFeature,
    mailFeature,
    usersFeature,
    tokensFeature,
    sessionsFeature,
    signInFeature,
    stepUpFeature,
  ],
  open: (kit) => {
    const { browsers, audit, mail, users, tokens, guard, sessions } = kit
    const { knownDevices, newPasswords, credentials, passwordGuard } = kit
    const password = createPasswordService({
      ...{ users, newPasswords, credentials, sessions, tokens, mail, audit },
    })
    return {
      services: { password },
      cookieRoutes: (app) =>
        app.register(passwordRoutes, {
          ...{ password, sessions, knownDevices, guard, passwordGuard, browsers },
        }),
    }
  },
})
