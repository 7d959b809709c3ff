import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { etagOf, isUnchanged, versionsFor } from '../../http/conditional.ts'
import type { PhotoCleaner } from '../photos/cleaner.ts'
import type { Guard } from '../sessions/guard.ts'
import {
  createHouseSchema,
  deleteHouseSchema,
  houseView,
  readHouseSchema,
  replaceHouseSchema,
  updateHouseSchema,
} from './schemas.ts'
import type { House, Houses } from './service.ts'

type Options = { houses: Houses; photoCleaner: PhotoCleaner; guard: Guard }

/** One house at a time; `list-routes.ts` has many. */
export const houseRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { houses, photoCleaner, guard } = options
  guard.protect(app)

  app.post('/houses', { schema: createHouseSchema }, async (request, reply) => {
    const key = request.headers['idempotency-key']
    const house = await houses.create(actorOf(request), draftOf(request.body), key)
    return reply
      .code(201)
      .header('location', `/houses/${house.id}`)
      .headers(tagged(house))
      .send(houseView(house))
  })

  app.get('/houses/:id', { schema: readHouseSchema }, async (request, reply) => {
    const house = await houses.get(request.params.id)
    reply.headers(tagged(house))
    if (isUnchanged(request.headers, etagOf(house.version))) return reply.code(304).send()
    return reply.send(houseView(house))
  })

  app.put('/houses/:id', { schema: replaceHouseSchema }, async (request, reply) => {
    const { params, body, headers } = request
    const house = await houses.update(params.id, actorOf(request), {
      changes: draftOf(body),
      versions: versionsFor(headers),
    })
    return reply.headers(tagged(house)).send(houseView(house))
  })

  app.patch('/houses/:id', { schema: updateHouseSchema }, async (request, reply) => {
    const { params, body, headers } = request
    const house = await houses.update(params.id, actorOf(request), {
      changes: body,
      versions: versionsFor(headers),
    })
    return reply.headers(tagged(house)).send(houseView(house))
  })

  app.delete(
    '/houses/:id',
    { config: { produces: [] }, schema: deleteHouseSchema },
    async (request, reply) => {
      const { params, headers } = request
      await houses.remove(params.id, actorOf(request), versionsFor(headers))
      await photoCleaner.sweep()
      reply.code(204)
    },
  )
}

const tagged = ({ version }: House) => ({ etag: etagOf(version) })

/** A missing address is none. */
function draftOf(body: { projectNo: string; projectName: string; projectAddress?: string | null }) {
  return { projectAddress: null, ...body }
}
