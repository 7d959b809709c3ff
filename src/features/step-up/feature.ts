import { auditFeature } from '../audit/feature.ts'
import { factorsFeature } from '../factors/feature.ts'
import { defineFeature } from '../feature.ts'
import { sessionsFeature } from '../sessions/feature.ts'
import { signInFeature } from '../sign-in/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createGuards } from './guard.ts'
import { createPasswordGuard } from './password-guard.ts'
import { stepUpPurpose } from './purpose.ts'
import { createStepUp, STEP_UP } from './step-up.ts'

export const stepUpFeature = defineFeature({
  name: 'step-up',
  needs: [auditFeature, usersFeature, sessionsFeature, factorsFeature, signInFeature],
  open: (kit) => {
    const { config, clock, audit, users, signInTime, sessions, secondFactor, credentials } = kit
    const maxAgeSeconds = config.factors.stepUpSeconds
    const service = createStepUp({ users, sessions, secondFactor, clock, maxAgeSeconds })
    const stepUp = { ...service, ...createGuards(service) }
    const passwordGuard = createPasswordGuard({ users, credentials, stepUp })
    const { proofs } = secondFactor
    const purpose = stepUpPurpose({
      ...{ proofs, credentials, sessions, signInTime, audit, clock },
    })
    return { services: { stepUp, passwordGuard }, purposes: { [STEP_UP]: purpose } }
  },
})
