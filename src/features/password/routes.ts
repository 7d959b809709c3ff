import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession } from '../../http/session-reply.ts'
import type { Text } from '../../languages/text.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { PasswordGuard } from '../step-up/password-guard.ts'
import type { Guard } from '../tokens/guard.ts'
import type { User } from '../users/user.ts'
import { ChangeByPassword, changePasswordSchema } from './schemas.ts'
import type { PasswordService } from './service.ts'

type Options = {
  password: PasswordService
  sessions: Sessions
  knownDevices: KnownDevices
  guard: Guard
  passwordGuard: PasswordGuard
  browsers: Browsers
}

export const passwordRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { password, sessions, knownDevices, guard, passwordGuard, browsers } = options

  // The change kills the token that asks for it, so a retry comes with a dead one.
  app.addHook('onRequest', async (request) => {
    const mayBeRetry = request.headers['idempotency-key'] !== undefined
    request.user = mayBeRetry
      ? await guard.requireOnceSignedIn(request)
      : await guard.requireSignedIn(request)
  })

  const requirePassword = passwordGuard.requiresPassword(ChangeByPassword)

  /** The retry of a first password finds an account that has one. */
  async function preValidation(request: FastifyRequest): Promise<void> {
    const { sub: userId, sid: sessionId } = request.user
    const first = { userId, sessionId, currentPassword: undefined, key: keyOf(request) }
    if (!(await password.madeBefore(first))) await requirePassword(request)
  }

  app.put('/password', { schema: changePasswordSchema, preValidation }, async (request, reply) => {
    const { currentPassword, newPassword } = request.body
    const { sub: userId, sid: sessionId } = request.user
    const change = { userId, sessionId, currentPassword, newPassword, key: keyOf(request) }
    const device = deviceOf(request)
    const made = await password.again(change, device)
    const owner = made ? undefined : await requireFirst(request, currentPassword)
    // The new refresh token of a cookie session goes into the cookie.
    const transport = await sessions.transportOf(userId, sessionId)
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const issued = made ?? (await password.change(change, device, owner))
    const cookie = deviceCookieOf(request, browsers)
    // Older device cookies are void; a thief may have one.
    cookie.set(reply, knownDevices.remember(cookie.presented, issued.user))
    const message: Text = ({ messages }) =>
      currentPassword === undefined ? messages.passwordSet : messages.passwordChanged
    return answerSession(reply, issued, message, browsers)
  })

  /** A retry has been admitted before. @returns the owner of an account without a password */
  async function requireFirst(
    request: FastifyRequest,
    currentPassword: string | undefined,
  ): Promise<User | undefined> {
    await guard.requireSignedIn(request)
    return passwordGuard.prove(request, currentPassword)
  }
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  return headers['idempotency-key'] as string | undefined
}
