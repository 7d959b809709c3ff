import type { FastifyRequest } from 'fastify'
import { Forbidden, TokenExpired } from '../../contract/errors.ts'
import type { App } from '../../http/app.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'

/** Lets administrators in and nobody else. A change needs a recent proof of identity, too. */
export function createAdminGuard(
  guard: Guard,
  stepUp: Pick<StepUp, 'requireRecent' | 'standingOf'>,
) {
  /** Makes all routes of this scope need an administrator. Reads need no more. */
  function protect(app: App): void {
    guard.protect(app)
    app.addHook('onRequest', (request, _reply, done) => {
      done(request.user.role === 'admin' ? undefined : Forbidden())
    })
    app.addHook('preHandler', async (request) => {
      if (!isRead(request)) await requireWriter(request)
    })
  }

  /** The row decides: a token may not know yet that its owner was demoted on another server. */
  async function requireWriter(request: FastifyRequest): Promise<void> {
    const { role } = await stepUp.requireRecent(stepUp.standingOf(request))
    if (role !== 'admin') throw TokenExpired()
  }

  return { protect }
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'
