import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { deviceOf } from '../../http/device.ts'
import type { Guard } from './guard.ts'
import {
  listSessionsSchema,
  revokeOtherSessionsSchema,
  revokeSessionSchema,
  verifyTokenSchema,
} from './schemas.ts'
import type { Sessions } from './service.ts'

type Options = { sessions: Sessions; guard: Guard }

/** What a signed-in user sees and ends of the own sessions. */
export const sessionRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, guard } = options
  guard.protect(app)

  // Gateways pass on whatever Accept their client sent, for another address than this one. They ask for
  // all their clients from one address, and a genuine token costs less to check than to count.
  app.get(
    '/verify',
    { config: { produces: [], unlimited: true }, schema: verifyTokenSchema },
    async ({ user }, reply) => {
      reply.header('x-user-id', user.sub).header('x-user-role', user.role)
      return {
        sub: user.sub,
        sid: user.sid,
        role: user.role,
        authTime: new Date(user.auth_time * 1000).toISOString(),
        amr: user.amr,
        expiresAt: new Date(user.exp * 1000).toISOString(),
      }
    },
  )

  app.get('/sessions', { schema: listSessionsSchema }, async ({ user }) => ({
    items: await sessions.list(user.sub, user.sid),
  }))

  app.delete(
    '/sessions/:id',
    { config: { produces: [] }, schema: revokeSessionSchema },
    async (request, reply) => {
      await sessions.revoke(request.user.sub, request.params.id, deviceOf(request))
      reply.code(204)
    },
  )

  app.delete('/sessions', { schema: revokeOtherSessionsSchema }, async (request) => {
    const { sub, sid } = request.user
    return { ended: await sessions.revokeOthers(sub, sid, deviceOf(request)) }
  })
}
