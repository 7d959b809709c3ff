import type { FastifyRequest } from 'fastify'
import { deviceOf } from '../../http/device.ts'
import type { Standing, StepUpService } from './step-up.ts'

/** Checks a request of a signed-in user, as a `preHandler` or in a handler. */
type Check = (request: FastifyRequest) => Promise<void>

export type StepUp = StepUpService & ReturnType<typeof createGuards>

/** Guards that a route asks for by name: `{ preHandler: stepUp.recently }`. */
export function createGuards(stepUp: StepUpService) {
  /** A recent proof of identity, with the second factor where the account has one. */
  const recently: Check = async (request) => {
    await stepUp.requireRecent(standingOf(request))
  }

  /** Two factors, recently. */
  const aal2: Check = (request) => stepUp.requireTwoFactors(standingOf(request))

  /** The second factor where the account has one, for changes that the password confirms. */
  const withSecondFactor: Check = (request) => stepUp.requireBothOfTwo(standingOf(request))

  return { recently, aal2, withSecondFactor, standingOf }
}

function standingOf(request: FastifyRequest): Standing {
  const { sub, sid, auth_time, acr } = request.user
  return { userId: sub, sessionId: sid, authTime: auth_time, acr, device: deviceOf(request) }
}
