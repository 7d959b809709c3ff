import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { answerVersions, versionsFor } from '../../http/headers/conditional.ts'
import type { Guard } from '../tokens/guard.ts'
import { draftOf, houseView } from './house.ts'
import { houseSchemas } from './schemas.ts'
import type { Houses } from './service.ts'

type Options = {
  houses: Houses
  guard: Guard
  /** Runs before the response to a deletion, to delete what belongs to the house. */
  afterRemoval: () => Promise<void>
}

/** One house at a time; `list-routes.ts` has the lists. */
export const houseRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { houses, guard, afterRemoval } = options
  guard.protect(app)

  answerVersions(app)

  app.post('/houses', { schema: houseSchemas.create }, async (request, reply) => {
    const key = request.headers['idempotency-key']
    const house = await houses.create(actorOf(request), draftOf(request.body), key)
    return reply.code(201).header('location', `/houses/${house.id}`).send(houseView(house))
  })

  app.get('/houses/:id', { schema: houseSchemas.read }, async ({ params }) =>
    houseView(await houses.get(params.id)),
  )

  app.put('/houses/:id', { schema: houseSchemas.replace }, async (request) => {
    const { params, body, headers } = request
    const house = await houses.update(params.id, actorOf(request), {
      changes: draftOf(body),
      versions: versionsFor(headers),
    })
    return houseView(house)
  })

  app.patch('/houses/:id', { schema: houseSchemas.update }, async (request) => {
    const { params, body, headers } = request
    const house = await houses.update(params.id, actorOf(request), {
      changes: body,
      versions: versionsFor(headers),
    })
    return houseView(house)
  })

  app.delete(
    '/houses/:id',
    { config: { produces: [] }, schema: houseSchemas.remove },
    async (request, reply) => {
      const { params, headers } = request
      await houses.remove(params.id, actorOf(request), versionsFor(headers))
      await afterRemoval()
      reply.code(204)
    },
  )
}
