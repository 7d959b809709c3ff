import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import type { User } from '../users/user.ts'
import { listSchema, removeSchema, renameSchema, renewCodesSchema } from './schemas.ts'
import type { FactorSettings } from './service.ts'

type Options = {
  factorSettings: FactorSettings
  stepUp: Pick<StepUp, 'recently'>
  knownDevices: Pick<KnownDevices, 'remember'>
  guard: Guard
  browsers: Browsers
}

export const factorRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { factorSettings, stepUp, knownDevices, guard, browsers } = options
  guard.protect(app)
  const { recently: preHandler } = stepUp

  app.get('/factors', { schema: listSchema }, ({ user }) => factorSettings.list(user.sub))

  app.patch('/factors/:id', { schema: renameSchema }, ({ user, params, body }) =>
    factorSettings.rename(user.sub, params.id, body.name),
  )

  app.delete(
    '/factors/:id',
    { config: { produces: [] }, schema: removeSchema, preHandler },
    async (request, reply) => {
      const changed = await factorSettings.remove(actingOf(request), request.params.id)
      remember(request, reply, changed)
      reply.code(204)
    },
  )

  app.post(
    '/factors/recovery-codes',
    { schema: renewCodesSchema, preHandler },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { user, codes } = await factorSettings.renewCodes(actingOf(request), key)
      remember(request, reply, user)
      return reply.code(201).send({ recoveryCodes: codes })
    },
  )

  /** The device cookies of before the change are void. */
  function remember(request: FastifyRequest, reply: FastifyReply, user: User): void {
    const cookie = deviceCookieOf(request, browsers)
    cookie.set(reply, knownDevices.remember(cookie.presented, user))
  }
}

/** Who sends a signed-in request. */
function actingOf(request: FastifyRequest) {
  const { sub: userId, sid: sessionId } = request.user
  return { userId, sessionId, device: deviceOf(request) }
}
