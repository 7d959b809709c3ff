import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Browsers } from '../../config/browsers.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession } from '../../http/session-reply.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Guard } from '../tokens/guard.ts'
import { changePasswordSchema } from './schemas.ts'
import type { PasswordService } from './service.ts'

type Options = {
  password: PasswordService
  sessions: Sessions
  knownDevices: KnownDevices
  guard: Guard
  stepUp: Pick<StepUp, 'withSecondFactor'>
  browsers: Browsers
}

export const passwordRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { password, sessions, knownDevices, guard, stepUp, browsers } = options
  guard.protect(app)

  const route = { preHandler: stepUp.withSecondFactor, schema: changePasswordSchema }
  app.put('/password', route, async (request, reply) => {
    const { currentPassword, newPassword } = request.body
    const { sub: userId, sid: sessionId } = request.user
    const change = { userId, sessionId, currentPassword, newPassword }
    // The new refresh token of a cookie session goes into the cookie.
    const transport = await sessions.transportOf(sessionId)
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const issued = await password.change(change, deviceOf(request))
    const cookie = deviceCookieOf(request, browsers)
    // Older device cookies are void; a thief may have one.
    cookie.set(reply, knownDevices.remember(cookie.presented, issued.user))
    const message = 'Your password is changed. Your other sessions have ended.'
    return answerSession(reply, issued, message, browsers)
  })
}
