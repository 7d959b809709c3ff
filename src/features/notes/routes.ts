import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answerVersions, versionsFor } from '../../http/headers/conditional.ts'
import type { Guard } from '../tokens/guard.ts'
import { draftOf } from './note.ts'
import { noteSchemas } from './schemas.ts'
import type { Notes } from './service.ts'

type Options = { notes: Notes; guard: Guard }

export const noteRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { notes, guard }) => {
  guard.protect(app)
  answerVersions(app)

  app.post('/notes', { schema: noteSchemas.create }, async ({ user, body, headers }, reply) => {
    const note = await notes.create(user.sub, draftOf(body), headers['idempotency-key'])
    return reply.code(201).header('location', `/notes/${note.id}`).send(note)
  })

  app.get('/notes', { schema: noteSchemas.list }, ({ user, query }) => notes.list(user.sub, query))

  app.get('/notes/:id', { schema: noteSchemas.read }, ({ user, params }) =>
    notes.get(user.sub, params.id),
  )

  app.put('/notes/:id', { schema: noteSchemas.replace }, ({ user, params, body, headers }) =>
    notes.update(user.sub, params.id, { changes: draftOf(body), versions: versionsFor(headers) }),
  )

  app.patch('/notes/:id', { schema: noteSchemas.update }, ({ user, params, body, headers }) =>
    notes.update(user.sub, params.id, { changes: body, versions: versionsFor(headers) }),
  )

  app.delete(
    '/notes/:id',
    { config: { produces: [] }, schema: noteSchemas.remove },
    async ({ user, params, headers }, reply) => {
      await notes.remove(user.sub, params.id, versionsFor(headers))
      reply.code(204)
    },
  )
}
