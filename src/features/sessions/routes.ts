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
import { type TokenView, tokenView } from './token-view.ts'
import type { AccessClaims } from './tokens.ts'

type Options = { sessions: Sessions; guard: Guard }

/** What a signed-in user sees and ends of the own sessions. */
export const sessionRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, guard } = options
  guard.protect(app)
  // Requests with one token share its claims, and so what is shown of them.
  const views = new WeakMap<AccessClaims, TokenView>()

  // Gateways pass on whatever Accept their client sent, for another address than this one. They ask for
  // all their clients from one address, and a genuine token costs less to check than to count.
  app.get(
    '/verify',
    { config: { produces: [], unlimited: true }, schema: verifyTokenSchema },
    async ({ user }, reply) => {
      reply.header('x-user-id', user.sub).header('x-user-role', user.role)
      const known = views.get(user)
      if (known) return known
      const view = tokenView(user)
      views.set(user, view)
      return view
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
