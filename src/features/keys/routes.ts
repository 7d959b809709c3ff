import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { metadataOf } from './metadata.ts'
import { getJwksSchema, getOAuthMetadataSchema, getOpenIdMetadataSchema } from './schemas.ts'
import type { Keys } from './service.ts'

type Options = {
  keys: Keys
  /** Without a slash at the end. */
  issuer: string
}

/** Far less than the hour for which a key is published before it signs. */
const MAX_AGE_SECONDS = 300
const OAUTH_METADATA = '/.well-known/oauth-authorization-server'
/** Clients that ask for the registered type (RFC 7517 8.5.1) get the same JSON. */
const produces = ['application/json', 'application/jwk-set+json']

export const keyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { keys, issuer }) => {
  const cached = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` }
  const metadata = metadataOf(issuer)
  const sendMetadata = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.headers(cached).send(metadata)

  app.get(
    '/.well-known/jwks.json',
    { config: { produces }, schema: getJwksSchema },
    async (_request, reply) => {
      reply.headers(cached)
      return keys.jwks()
    },
  )

  app.get('/.well-known/openid-configuration', { schema: getOpenIdMetadataSchema }, sendMetadata)
  app.get(OAUTH_METADATA, { schema: getOAuthMetadataSchema }, sendMetadata)
}
