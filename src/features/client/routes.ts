import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CLIENT_MODULE } from '../../generated/client-module.ts'
import { createCompressed } from '../../http/headers/compressed.ts'
import { getClientSchema, MODULE_TYPE } from './schemas.ts'

/** Serves the client, so that a page needs no build. */
export const clientRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const type = `${MODULE_TYPE}; charset=utf-8`
  const files = createCompressed(new Map([['client', () => ({ type, content: CLIENT_MODULE })]]))
  const config = { produces: [MODULE_TYPE], publicToAllOrigins: true }

  app.get('/client.js', { config, schema: getClientSchema }, async (request, reply) => {
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return files.send(request, reply, 'client')
  })
}
