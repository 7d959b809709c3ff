import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Fastify, { type RouteOptions } from 'fastify'
import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { JSON_TYPE } from '../../http/headers/accept.ts'
import { createCompressed } from '../../http/headers/compressed.ts'
import { lazyCompilers } from '../../http/validation/lazy-compilers.ts'
import { lazy } from '../../platform/lazy.ts'
import { loadCode } from '../../platform/load-code.ts'
import { documentOptions, type Tag } from './document.ts'
import { createProblems, type Problems, type Tables } from './problems.ts'
import { getOpenApiJsonSchema, getOpenApiYamlSchema, YAML_TYPE } from './schemas.ts'
import { pageFiles, pages } from './swagger-ui.ts'

type Options = Tables & {
  /** Without a slash at the end. */
  publicUrl: string
  /** In the order of the page. */
  tags: Tag[]
}

/**
 * Collects all routes that are registered after it, and serves them as OpenAPI 3.1 and as an
 * interactive page without other servers. Call it before any feature. @throws Error, here and at
 * each route, for an unknown error code
 */
export async function describeRoutes(app: App, options: Options): Promise<void> {
  const { publicUrl, tags, ...tables } = options
  const problems = createProblems(tables)
  requireKnownCodes(app, problems)
  const routes = collectRoutes(app)
  const document = createDocument(() =>
    documentOf(routes, documentOptions(publicUrl, tags, problems)),
  )
  await app.register(documentRoutes, { document })
  await app.register(pageRoutes, { document })
}

/** The document is made late, but a wrong code must stop the start. */
function requireKnownCodes(app: App, { definitionOf }: Problems): void {
  app.addHook('onRoute', ({ config }) => {
    for (const code of config?.problems ?? []) definitionOf(code)
  })
}

type Document = ReturnType<typeof createDocument>

/** @returns the list, which grows with each route, and which later hooks complete */
function collectRoutes(app: App): RouteOptions[] {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD' && !route.schema?.hide) routes.push(route)
  })
  return routes
}

/** Made at the first request: then all routes are known, and the start does not wait. */
function createDocument(read: () => Promise<object>) {
  const made = lazy(read)
  const json = lazy(async () => ({ type: JSON_TYPE, content: JSON.stringify(await made()) }))
  const yaml = lazy(async () => {
    const { yamlOf } = await loadCode(() => import('./yaml.ts'))
    return { type: `${YAML_TYPE}; charset=utf-8`, content: yamlOf(await made()) }
  })
  return createCompressed(new Map([['json', json] as const, ['yaml', yaml] as const]))
}

/** Shows the routes to the plugin on a server of its own: it takes long to load. */
async function documentOf(
  routes: readonly RouteOptions[],
  options: FastifyDynamicSwaggerOptions,
): Promise<object> {
  const { default: swagger } = await loadCode(() => import('@fastify/swagger'))
  const compilersFactory = lazyCompilers
  const reader = Fastify({ exposeHeadRoutes: false, schemaController: { compilersFactory } })
  await reader.register(swagger, options)
  for (const { method, url, schema = {}, config = {}, handler } of routes) {
    reader.route({ method, url, schema, config, handler })
  }
  await reader.ready()
  return reader.swagger()
}

type DocumentOptions = { document: Document }

const documentRoutes: FastifyPluginAsyncTypebox<DocumentOptions> = async (app, { document }) => {
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

/** The interactive page, with the addresses that the plugin of Swagger UI would give its files. */
const pageRoutes: FastifyPluginAsyncTypebox<DocumentOptions> = async (scope, { document }) => {
  const page = createCompressed(pages)
  const files = createCompressed(pageFiles)
  const hidden = { config: { produces: [] }, schema: { hide: true } }
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', PAGE_CSP)
  })

  scope.get('/docs', hidden, async (request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    return page.send(request, reply, path.endsWith('/') ? 'docs/' : 'docs')
  })

  scope.get('/docs/json', hidden, async (request, reply) => document.send(request, reply, 'json'))

  scope.get('/docs/yaml', hidden, async (request, reply) => document.send(request, reply, 'yaml'))

  scope.get('/docs/static/index.html', hidden, async (_request, reply) =>
    reply.redirect('/docs/', 302),
  )

  scope.get('/docs/static/:name', { ...hidden, schema: fileSchema }, async (request, reply) =>
    files.send(request, reply, request.params.name),
  )
}

const fileSchema = { hide: true, params: Type.Object({ name: Type.String() }) }

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
