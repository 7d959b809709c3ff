import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../http/app.ts'
import { JSON_TYPE } from '../../http/headers/accept.ts'
import { createCompressed } from '../../http/headers/compressed.ts'
import { documentOptions, type Tag } from './document.ts'
import { createProblems, type Problems, type Tables } from './problems.ts'
import { getOpenApiJsonSchema, getOpenApiYamlSchema, YAML_TYPE } from './schemas.ts'
import { PAGE_CSS, pageFiles } from './swagger-ui.ts'
import { yamlOf } from './yaml.ts'

type Options = Tables & {
  /** Without a slash at the end. */
  publicUrl: string
  /** `/auth`, or empty. */
  basePath: string
  /** In the order of the page. */
  tags: Tag[]
}

/**
 * Collects all routes that are registered after it, and serves them as OpenAPI 3.1 and as an
 * interactive page without other servers. Call it before any feature. @throws Error, here and at
 * each route, for an unknown error code
 */
export async function describeRoutes(app: App, options: Options): Promise<void> {
  const { publicUrl, basePath, tags, ...tables } = options
  const problems = createProblems(tables)
  requireKnownCodes(app, problems)
  await app.register(swagger, documentOptions(publicUrl, tags, problems))
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
  await app.register(documentRoutes, { document })
}

/** The document is made late, but a wrong code must stop the start. */
function requireKnownCodes(app: App, { definitionOf }: Problems): void {
  app.addHook('onRoute', ({ config }) => {
    for (const code of config?.problems ?? []) definitionOf(code)
  })
}

type Document = ReturnType<typeof createDocument>

/** Made at the first request: then all routes are known, and the start does not wait. */
function createDocument(app: App) {
  const json = once(() => ({ type: JSON_TYPE, content: JSON.stringify(app.swagger()) }))
  const yaml = once(() => ({
    type: `${YAML_TYPE}; charset=utf-8`,
    content: yamlOf(app.swagger()),
  }))
  return createCompressed(new Map([...pageFiles, ['json', json], ['yaml', yaml]]))
}

/** Overrides Swagger UI routes that are costly or fail on client input. */
async function beforeLibrary(
  request: FastifyRequest,
  reply: FastifyReply,
  { send }: Document,
): Promise<FastifyReply | undefined> {
  const { raw, url, routeOptions } = request
  // The library fails with 500 on missing ranges and false conditions.
  for (const name of ['range', 'if-match', 'if-unmodified-since']) delete raw.headers[name]
  // The library would write the document again for each request.
  if (routeOptions.url === '/docs/json') return send(request, reply, 'json')
  if (routeOptions.url === '/docs/yaml') return send(request, reply, 'yaml')
  // The library would redirect to the host of an absolute URL.
  if (routeOptions.url === '/docs/static/index.html') return reply.redirect('/docs/', 302)
  const [path = ''] = url.split('?', 1)
  return pageFiles.has(path) ? send(request, reply, path) : undefined
}

type RouteOptions = { document: Document }

const documentRoutes: FastifyPluginAsyncTypebox<RouteOptions> = async (app, { document }) => {
  app.get('/', { config: { produces: [] }, schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/docs', 303),
  )

  app.get('/openapi.json', { schema: getOpenApiJsonSchema }, async (request, reply) =>
    document.send(request, reply, 'json'),
  )

  app.get(
    '/openapi.yaml',
    { config: { produces: [YAML_TYPE] }, schema: getOpenApiYamlSchema },
    async (request, reply) => document.send(request, reply, 'yaml'),
  )
}

/** The page loads scripts and styles from this server only. */
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
