import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { deviceOf } from '../../http/device.ts'
import { IdParams, problems, signedInOnly } from '../../http/schemas.ts'
import type { Guard } from './guard.ts'
import { EndedCount, SessionList, Verification } from './schemas.ts'
import type { Sessions } from './service.ts'

type Options = { sessions: Sessions; guard: Guard }

/** What a signed-in user sees and ends of the own sessions. */
export const sessionRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, guard } = options
  app.addHook('onRequest', guard.signedIn)

  app.get(
    '/verify',
    {
      schema: {
        operationId: 'verifyToken',
        summary: 'Check an access token, for gateways and other services',
        description: 'Answers from the token alone, without a database read.',
        tags: ['Sessions'],
        security: signedInOnly,
        response: { 200: Verification, ...problems('unauthenticated', 'token_expired') },
      },
    },
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

  app.get(
    '/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'List your live sessions, last used first',
        tags: ['Sessions'],
        security: signedInOnly,
        response: { 200: SessionList, ...problems('unauthenticated', 'token_expired') },
      },
    },
    async ({ user }) => ({ items: await sessions.list(user.sub, user.sid) }),
  )

  app.delete(
    '/sessions/:id',
    {
      config: { produces: [] },
      schema: {
        operationId: 'revokeSession',
        summary: 'End one of your sessions',
        tags: ['Sessions'],
        security: signedInOnly,
        params: IdParams,
        response: {
          204: { description: 'The session is over', type: 'null' },
          ...problems('unauthenticated', 'token_expired', 'not_found'),
        },
      },
    },
    async (request, reply) => {
      await sessions.revoke(request.user.sub, request.params.id, deviceOf(request))
      reply.code(204)
    },
  )

  app.delete(
    '/sessions',
    {
      schema: {
        operationId: 'revokeOtherSessions',
        summary: 'End all your sessions but this one',
        tags: ['Sessions'],
        security: signedInOnly,
        response: { 200: EndedCount, ...problems('unauthenticated', 'token_expired') },
      },
    },
    async (request) => {
      const { sub, sid } = request.user
      return { ended: await sessions.revokeOthers(sub, sid, deviceOf(request)) }
    },
  )
}
