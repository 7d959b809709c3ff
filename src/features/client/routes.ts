import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CLIENT_MODULE } from '../../generated/client-module.ts'
import { isUnchanged } from '../../http/conditional.ts'
import type { App } from '../../http/server.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Pages of every origin may read the answers, without cookies. `/.well-known/*` always has it. */
    publicToAllOrigins?: boolean
  }
}

const TYPE = 'text/javascript'
const SAMPLE = "import { createLatchkey } from 'https://auth.example.com/client.js'"

/** A proxy that compresses adds to a strong tag, and its cache then never matches; see RFC 9110 8.8.1. */
const ETAG = `W/"${createHash('sha256').update(CLIENT_MODULE).digest('base64url').slice(0, 22)}"`

const getClientSchema = {
  operationId: 'getClient',
  summary: 'The client, as an ES module',
  description:
    'What the package `@latchkey/client` does, for pages without a build: `import { createLatchkey }` from this address. `baseUrl` may be left out; it is then this server. Open to pages of every origin.',
  tags: ['Service'],
  'x-memory-only': true,
  response: {
    200: {
      description: 'The module, minified.',
      content: { [TYPE]: { schema: Type.String({ example: SAMPLE }) } },
    },
  },
}

/** Serves the client, so that a page needs no build. */
export async function clientRoutes(app: App): Promise<void> {
  app.get(
    '/client.js',
    { config: { produces: [TYPE], publicToAllOrigins: true }, schema: getClientSchema },
    async (request: FastifyRequest, reply: FastifyReply) => {
      reply.removeHeader('access-control-allow-credentials').headers({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': 'public, max-age=300',
        etag: ETAG,
      })
      if (isUnchanged({ 'if-none-match': request.headers['if-none-match'] }, ETAG.slice(2)))
        return reply.code(304).send()
      return reply.type(`${TYPE}; charset=utf-8`).send(CLIENT_MODULE)
    },
  )
}
