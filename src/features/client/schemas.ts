import { Type } from 'typebox'

export const MODULE_TYPE = 'text/javascript'
const SAMPLE = "import { createLatchkey } from 'https://auth.example.com/client.js'"

export const getClientSchema = {
  operationId: 'getClient',
  summary: 'The client, as an ES module',
  description:
    'The package `@latchkey/client`, for pages without a build step: `import { createLatchkey }` from this URL. Without `baseUrl` it uses this server. Pages of every origin may load it.',
  tags: ['Service'],
  'x-memory-only': true,
  response: {
    200: {
      description: 'The module, minified.',
      content: { [MODULE_TYPE]: { schema: Type.String({ example: SAMPLE }) } },
    },
  },
}

/** Another entry of the package. */
function entrySchema(operationId: string, what: string, name: string, sample: string) {
  const url = `https://auth.example.com/client/${name}.js`
  return {
    operationId,
    summary: `${what} for the client, as an ES module`,
    description: `Another entry of the package, \`@latchkey/client/${name}\`: its functions get the client of \`/client.js\`. Pages of every origin may load it.`,
    tags: ['Service'],
    'x-memory-only': true,
    response: {
      200: {
        description: 'The module, minified.',
        content: {
          [MODULE_TYPE]: {
            schema: Type.String({ example: `import { ${sample} } from '${url}'` }),
          },
        },
      },
    },
  }
}

export const getPasskeysSchema = entrySchema(
  ...(['getPasskeysClient', 'Passkeys', 'passkeys', 'signInWithPasskey'] as const),
)

export const getProvidersSchema = entrySchema(
  ...(['getProvidersClient', 'Providers', 'providers', 'signInWith'] as const),
)
