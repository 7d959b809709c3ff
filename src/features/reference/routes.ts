import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { createCompressed } from '../../http/compressed.ts'
import type { App } from '../../http/server.ts'
import { documentOptions } from './document.ts'
import { PAGE_CSS, pageFiles } from './page.ts'
import { yamlOf } from './yaml.ts'

type Options = {
  /** Own address, without a slash at the end. */
  publicUrl: string
  /** Its path: `/auth`, or nothing. */
  basePath: string
}

const YAML_TYPE = 'application/yaml'
const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * Collects the routes that are registered after it, on the whole application, and serves them as
 * OpenAPI 3.1 and as an interactive page that needs no other server.
 *
 *     await describeRoutes(app, { publicUrl, basePath })     // before any feature
 */
export async function describeRoutes(app: App, { publicUrl, basePath }: Options): Promise<void> {
  await app.register(swagger, documentOptions(publicUrl))
  const document = createDocument(app)
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, reply) => beforeLibrary(request, reply, document))
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      indexPrefix: basePath,
      staticCSP: PAGE_CSP,
      theme: { title: 'Latchkey', css: [{ filename: 'page.css', content: PAGE_CSS }] },
    })
  })
  await app.register(referenceRoutes, { document })
}

type Document = ReturnType<typeof createDocument>

/** Made at the first request, since all routes are known by then and a start need not wait for it. */
function createDocument(app: App) {
  const json = once(() => ({ type: JSON_TYPE, content: JSON.stringify(app.swagger()) }))
  const yaml = once(() => ({
    type: `${YAML_TYPE}; charset=utf-8`,
    content: yamlOf(app.swagger()),
  }))
  return createCompressed(new Map([...pageFiles, ['json', json], ['yaml', yaml]]))
}

/** Takes over where the library of the page would make work or errors of what anybody can ask. */
async function beforeLibrary(
  request: FastifyRequest,
  reply: FastifyReply,
  { send }: Document,
): Promise<FastifyReply | undefined> {
  const { raw, url, routeOptions } = request
  // It answers parts that are not there and conditions that fail as errors of the server.
  for (const name of ['range', 'if-match', 'if-unmodified-since']) delete raw.headers[name]
  // It writes the document anew for each request.
  if (routeOptions.url === '/docs/json') return send(request, reply, 'json')
  if (routeOptions.url === '/docs/yaml') return send(request, reply, 'yaml')
  // It leads to whatever host an absolute address names.
  if (routeOptions.url === '/docs/static/index.html') return reply.redirect('/docs/', 302)
  const [path = ''] = url.split('?', 1)
  return pageFiles.has(path) ? send(request, reply, path) : undefined
}

async function referenceRoutes(app: App, { document }: { document: Document }): Promise<void> {
  app.get('/', { config: { produces: [] }, schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/docs', 303),
  )

  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApiJson',
        summary: 'This document as JSON',
        description: 'OpenAPI 3.1, made from the routes of the server that answers.',
        tags: ['Service'],
        'x-memory-only': true,
        response: { 200: media('application/json', AnyObject) },
      },
    },
    async (request, reply) => document.send(request, reply, 'json'),
  )

  app.get(
    '/openapi.yaml',
    {
      config: { produces: [YAML_TYPE] },
      schema: {
        operationId: 'getOpenApiYaml',
        summary: 'This document as YAML',
        description: 'The same as `/openapi.json`, for tools and people that prefer YAML.',
        tags: ['Service'],
        'x-memory-only': true,
        response: { 200: media(YAML_TYPE, Type.String({ example: 'openapi: 3.1.0' })) },
      },
    },
    async (request, reply) => document.send(request, reply, 'yaml'),
  )
}

const AnyObject = Type.Object(
  {},
  {
    additionalProperties: true,
    example: { openapi: '3.1.0', info: { title: 'Latchkey', version: '0.1.0' }, paths: {} },
  },
)

function media(type: string, schema: object) {
  return { description: 'The OpenAPI 3.1 document.', content: { [type]: { schema } } }
}

/** Scripts and styles of the page are files of this server, and it calls no other. */
const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
