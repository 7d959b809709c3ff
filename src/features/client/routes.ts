import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CLIENT_MODULE, PASSKEYS_MODULE, PROVIDERS_MODULE } from '../../generated/client-module.ts'
import { createCompressed } from '../../http/headers/compressed.ts'
import { getClientSchema, getPasskeysSchema, getProvidersSchema, MODULE_TYPE } from './schemas.ts'

/** Serves the client, so that a page needs no build. */
export const clientRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const type = `${MODULE_TYPE}; charset=utf-8`
  const modules = { client: CLIENT_MODULE, passkeys: PASSKEYS_MODULE, providers: PROVIDERS_MODULE }
  const entries = Object.entries(modules).map(
    ([name, content]) => [name, () => ({ type, content })] as const,
  )
  const files = createCompressed(new Map(entries))
  const config = { produces: [MODULE_TYPE], publicToAllOrigins: true }

  function send(request: FastifyRequest, reply: FastifyReply, name: keyof typeof modules) {
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return files.send(request, reply, name)
  }

  app.get('/client.js', { config, schema: getClientSchema }, async (request, reply) =>
    send(request, reply, 'client'),
  )

  app.get('/client/passkeys.js', { config, schema: getPasskeysSchema }, async (request, reply) =>
    send(request, reply, 'passkeys'),
  )

  app.get('/client/providers.js', { config, schema: getProvidersSchema }, async (request, reply) =>
    send(request, reply, 'providers'),
  )
}
