import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { deviceOf } from '../../http/device.ts'
import type { Guard } from '../tokens/guard.ts'
import { listSessionsSchema, revokeOtherSessionsSchema, revokeSessionSchema } from './schemas.ts'
import type { Sessions } from './service.ts'

type Options = { sessions: Sessions; guard: Guard }

export const sessionRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, guard } = options
  guard.protect(app)

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
