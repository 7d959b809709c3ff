import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getJwksSchema } from './schemas.ts'
import type { Keys } from './service.ts'

type Options = { keys: Keys }

/** Far below the hour for which a key is published before it signs. */
const MAX_AGE_SECONDS = 300

export const keyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { keys }) => {
  app.get('/.well-known/jwks.json', { schema: getJwksSchema }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
    return keys.jwks()
  })
}
