import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { problems, signedInOnly } from '../../http/schemas.ts'
import { answerSession, SessionBody } from '../../http/session-answer.ts'
import type { Guard } from '../sessions/guard.ts'
import type { Sessions } from '../sessions/service.ts'
import { PasswordChangeBody } from './schemas.ts'
import type { PasswordService } from './service.ts'

type Options = {
  password: PasswordService
  sessions: Sessions
  guard: Guard
  allowedOrigins: ReadonlySet<string>
}

export const passwordRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { password, sessions, guard, allowedOrigins } = options
  app.addHook('onRequest', guard.signedIn)

  app.put(
    '/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: 'Change your password and end your other sessions',
        tags: ['Accounts'],
        security: signedInOnly,
        body: PasswordChangeBody,
        response: {
          200: SessionBody,
          ...problems(
            'validation_failed',
            'weak_password',
            'unauthenticated',
            'invalid_credentials',
            'token_expired',
          ),
        },
      },
    },
    async (request, reply) => {
      const { currentPassword, newPassword } = request.body
      const { sub: userId, sid: sessionId } = request.user
      const change = { userId, sessionId, currentPassword, newPassword }
      // The new refresh token of a cookie session goes into the cookie.
      const transport = await sessions.transportOf(sessionId)
      if (transport === 'cookie') requireAllowedOrigin(request, allowedOrigins)
      const opened = await password.change(change, deviceOf(request))
      return answerSession(reply, opened, 'Your password is changed; your other sessions are over.')
    },
  )
}
