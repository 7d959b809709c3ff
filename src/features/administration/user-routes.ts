import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { authorOf } from '../../http/actor.ts'
import { deviceOf } from '../../http/device.ts'
import { versionsFor } from '../../http/headers/conditional.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Administration } from './administration.ts'
import {
  createUserSchema,
  deleteUserSchema,
  listUsersSchema,
  readUserSchema,
  updateUserSchema,
} from './user-schemas.ts'

/** Accounts, one at a time and in lists. */
export const userRoutes: FastifyPluginAsyncTypebox<{ administration: Administration }> = async (
  app,
  { administration },
) => {
  app.get('/admin/users', { schema: listUsersSchema }, (request) =>
    administration.list(request.query, askerOf(deviceOf(request), 'owner', request.user.sub)),
  )

  app.post('/admin/users', { schema: createUserSchema }, async (request, reply) => {
    const user = await administration.create(request.body, authorOf(request))
    return reply.code(201).header('location', `/admin/users/${user.id}`).send(user)
  })

  app.get('/admin/users/:id', { schema: readUserSchema }, ({ params }) =>
    administration.show(params.id),
  )

  app.patch('/admin/users/:id', { schema: updateUserSchema }, (request) => {
    const { params, body, headers } = request
    return administration.change(params.id, body, authorOf(request), versionsFor(headers))
  })

  app.delete(
    '/admin/users/:id',
    { config: { produces: [] }, schema: deleteUserSchema },
    async (request, reply) => {
      const { params, headers } = request
      await administration.remove(params.id, authorOf(request), versionsFor(headers))
      reply.code(204)
    },
  )
}
