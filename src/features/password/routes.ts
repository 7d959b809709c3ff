import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Browsers } from '../../config-browsers.ts'
import { requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { answerSession } from '../../http/session-answer.ts'
import type { KnownDevices } from '../../platform/known-devices.ts'
import type { Guard } from '../sessions/guard.ts'
import type { Sessions } from '../sessions/service.ts'
import { changePasswordSchema } from './schemas.ts'
import type { PasswordService } from './service.ts'

type Options = {
  password: PasswordService
  sessions: Sessions
  knownDevices: KnownDevices
  guard: Guard
  browsers: Browsers
}

export const passwordRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { password, sessions, knownDevices, guard, browsers } = options
  guard.protect(app)

  app.put('/password', { schema: changePasswordSchema }, async (request, reply) => {
    const { currentPassword, newPassword } = request.body
    const { sub: userId, sid: sessionId } = request.user
    const change = { userId, sessionId, currentPassword, newPassword }
    // The new refresh token of a cookie session goes into the cookie.
    const transport = await sessions.transportOf(sessionId)
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const opened = await password.change(change, deviceOf(request))
    const cookie = deviceCookieOf(request, browsers)
    // Whoever knew the old password may hold cookies of many devices; from now on they are unknown.
    cookie.set(reply, knownDevices.remember(cookie.presented, opened.user))
    const message = 'Your password is changed; your other sessions are over.'
    return answerSession(reply, opened, message, browsers)
  })
}
