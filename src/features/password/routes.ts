import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
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

  // The change kills the token that asks for it, so a retry comes with a dead one.
  app.addHook('onRequest', async (request) => {
    const mayBeRetry = request.headers['idempotency-key'] !== undefined
    request.user = mayBeRetry
      ? await guard.requireOnceSignedIn(request)
      : await guard.requireSignedIn(request)
  })

  app.put('/password', { schema: changePasswordSchema }, async (request, reply) => {
    const { currentPassword, newPassword } = request.body
    const { sub: userId, sid: sessionId } = request.user
    const key = request.headers['idempotency-key']
    const change = { userId, sessionId, currentPassword, newPassword, key }
    const device = deviceOf(request)
    const made = await password.again(change, device)
    if (!made) await requireFirst(request)
    // The new refresh token of a cookie session goes into the cookie.
    const transport = await sessions.transportOf(sessionId)
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const issued = made ?? (await password.change(change, device))
    const cookie = deviceCookieOf(request, browsers)
    // Older device cookies are void; a thief may have one.
    cookie.set(reply, knownDevices.remember(cookie.presented, issued.user))
    const message = 'Your password is changed. Your other sessions have ended.'
    return answerSession(reply, issued, message, browsers)
  })

  /** A retry has been admitted before. */
  async function requireFirst(request: FastifyRequest): Promise<void> {
    await guard.requireSignedIn(request)
    await stepUp.withSecondFactor(request)
  }
}
