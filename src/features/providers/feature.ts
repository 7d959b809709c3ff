import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { emailFeature } from '../email/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { identitiesFeature } from '../identities/feature.ts'
import { lockoutFeature } from '../lockout/feature.ts'
import { mailFeature } from '../mail/feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { stepUpFeature } from '../step-up/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createArrivals } from './arrivals.ts'
import { createBeginning } from './beginning.ts'
import { providerErrors } from './errors.ts'
import { createIdentities } from './identities.ts'
import { createProtocol } from './protocol/create-protocol.ts'
import {
  ADD_IDENTITY,
  addIdentityPurpose,
  PROVIDER_SIGN_IN,
  providerFactorPurpose,
  providerSignInPurpose,
} from './purposes.ts'
import { providerLimits } from './rate-limits.ts'
import { createReturning } from './returning.ts'
import { identityRoutes, providerRoutes } from './routes.ts'
import { createProviderSignIn, PROVIDER_FACTOR } from './sign-in.ts'

export const providersFeature = defineFeature({
  name: 'providers',
  needs: [
    auditFeature,
    challengesFeature,
    emailFeature,
    factorsFeature,
    identitiesFeature,
    lockoutFeature,
    mailFeature,
    sessionsFeature,
    signInFeature,
    stepUpFeature,
    tokensFeature,
    usersFeature,
  ],
  tag: { name: 'Providers', description: 'Sign in with an account at an outside provider.' },
  rateLimits: providerLimits,
  errors: providerErrors,
  open: (kit) => {
    const { config, clock, log, rateLimits, browsers, guard, audit, mail, notices } = kit
    const { users, claimedUsers, invitedUsers, identityStore, waysIn, factorStore, sessions } = kit
    const { lockout, knownDevices, email, challenges, challengeSignIn, signInCodes, stepUp } = kit
    const { returnUrls, providers: listed } = config
    const providers = new Map(listed.map((provider) => [provider.id, provider]))
    const protocol = createProtocol({ log, isProduction: config.production, spans: kit.spans })
    const callbackOf = (id: string) => `${config.http.publicUrl.href}/oidc/${id}/callback`
    const beginning = createBeginning({
      ...{ providers, returnUrls, callbackOf, protocol, challenges, rateLimits },
    })
    const returning = createReturning({
      ...{ providers, returnUrls, callbackOf, protocol, challenges, log },
    })
    const arrivals = createArrivals({
      ...{ clock, isOpen: config.registration === 'open', users, claimedUsers, identityStore },
      ...{ invitedUsers, factorStore, sessions, lockout, email, challenges, rateLimits },
      ...{ mail, audit },
    })
    const signIn = createProviderSignIn({
      ...{ arrivals, sessions, challengeSignIn, signInCodes, knownDevices, notices },
    })
    const identities = createIdentities({
      ...{ users, sessions, stepUp, email, identityStore, waysIn, mail, audit },
    })
    const begun = { isOn: providers.size > 0, beginning }
    return {
      services: { identities },
      routes: (app) => app.register(providerRoutes, { providers: listed, returning }),
      cookieRoutes: (app) =>
        app.register(identityRoutes, { identities, stepUp, knownDevices, guard, browsers }),
      purposes: {
        [PROVIDER_SIGN_IN]: providerSignInPurpose(begun, signIn),
        [PROVIDER_FACTOR]: providerFactorPurpose(signIn),
        [ADD_IDENTITY]: addIdentityPurpose(begun, identities),
      },
    }
  },
})
