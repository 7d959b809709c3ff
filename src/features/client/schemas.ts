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

const PASSKEYS_SAMPLE =
  "import { signInWithPasskey } from 'https://auth.example.com/client/passkeys.js'"

export const getPasskeysSchema = {
  operationId: 'getPasskeysClient',
  summary: 'Passkeys for the client, as an ES module',
  description:
    'The second entry of the package, `@latchkey/client/passkeys`: its functions get the client of `/client.js`. Pages of every origin may load it.',
  tags: ['Service'],
  'x-memory-only': true,
  response: {
    200: {
      description: 'The module, minified.',
      content: { [MODULE_TYPE]: { schema: Type.String({ example: PASSKEYS_SAMPLE }) } },
    },
  },
}
