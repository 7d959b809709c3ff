import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getJwksSchema } from './schemas.ts'
import type { Keys } from './service.ts'

type Options = { keys: Keys }

/** Far below the hour for which a key is published before it signs. */
const MAX_AGE_SECONDS = 300
/** Clients that ask for the registered type (RFC 7517 8.5.1) get the same JSON. */
const produces = ['application/json', 'application/jwk-set+json']

export const keyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { keys }) => {
  app.get(
    '/.well-known/jwks.json',
    { config: { produces }, schema: getJwksSchema },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
      return keys.jwks()
    },
  )
}
