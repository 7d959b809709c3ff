import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Passkeys } from './passkeys.ts'
import { relatedOriginsSchema } from './schemas.ts'

type Options = { passkeys: Pick<Passkeys, 'webOrigins'> }

export const passkeyRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { passkeys }) => {
  const { webOrigins } = passkeys

  app.get('/.well-known/webauthn', { schema: relatedOriginsSchema }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send({ origins: webOrigins }),
  )
}
