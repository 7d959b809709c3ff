import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { authorOf } from '../../http/actor.ts'
import { say } from '../../http/headers/accept-language.ts'
import {
  endSessionSchema,
  endSessionsSchema,
  identitiesSchema,
  removeFactorsSchema,
  removeIdentitySchema,
  resetMailSchema,
  sessionsSchema,
  unlockSchema,
} from './access-schemas.ts'
import type { Administration } from './administration.ts'

/** How people get into accounts: sessions, locks, factors, outside providers, lost passwords. */
export const accessRoutes: FastifyPluginAsyncTypebox<{ administration: Administration }> = async (
  app,
  { administration },
) => {
  const config = { produces: [] }

  app.get('/admin/users/:id/sessions', { schema: sessionsSchema }, async ({ params, user }) => ({
    items: await administration.sessionsOf(params.id, user.sid),
  }))

  app.delete('/admin/users/:id/sessions', { schema: endSessionsSchema }, async (request) => ({
    ended: await administration.endSessions(request.params.id, authorOf(request)),
  }))

  app.delete(
    '/admin/users/:id/sessions/:sid',
    { config, schema: endSessionSchema },
    async (request, reply) => {
      const { id, sid } = request.params
      await administration.endSession(id, sid, authorOf(request))
      reply.code(204)
    },
  )

  app.delete(
    '/admin/users/:id/lockout',
    { config, schema: unlockSchema },
    async (request, reply) => {
      await administration.unlock(request.params.id, authorOf(request))
      reply.code(204)
    },
  )

  app.delete(
    '/admin/users/:id/factors',
    { config, schema: removeFactorsSchema },
    async (request, reply) => {
      await administration.removeFactors(request.params.id, authorOf(request))
      reply.code(204)
    },
  )

  app.get('/admin/users/:id/identities', { schema: identitiesSchema }, async ({ params }) => ({
    items: await administration.identitiesOf(params.id),
  }))

  app.delete(
    '/admin/users/:id/identities/:identityId',
    { config, schema: removeIdentitySchema },
    async (request, reply) => {
      const { id, identityId } = request.params
      await administration.removeIdentity(id, identityId, authorOf(request))
      reply.code(204)
    },
  )

  app.post('/admin/users/:id/reset-mail', { schema: resetMailSchema }, async (request, reply) => {
    await administration.sendReset(request.params.id, authorOf(request))
    reply.code(202)
    return { message: say(reply, ({ messages }) => messages.resetMailSent) }
  })
}
