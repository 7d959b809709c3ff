import { Type } from 'typebox'
import { CLIENT_MODULE } from '../../generated/client-module.ts'
import { createCompressed } from '../../http/compressed.ts'
import type { App } from '../../http/server.ts'

const TYPE = 'text/javascript'
const SAMPLE = "import { createLatchkey } from 'https://auth.example.com/client.js'"

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
  const type = `${TYPE}; charset=utf-8`
  const files = createCompressed(new Map([['client', () => ({ type, content: CLIENT_MODULE })]]))

  app.get(
    '/client.js',
    { config: { produces: [TYPE], publicToAllOrigins: true }, schema: getClientSchema },
    async (request, reply) => {
      reply.header('cross-origin-resource-policy', 'cross-origin')
      return files.send(request, reply, 'client')
    },
  )
}
