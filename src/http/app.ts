import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import type { Browsers } from '../config/browsers.ts'
import type { Language } from '../languages/languages.ts'
import { NotFound, UriTooLong } from '../platform/errors/table.ts'
import { serveBelow, withoutBasePath } from './base-path.ts'
import { acceptJsonOnly, prepareBody } from './body/json.ts'
import { createClientErrorHandler, createErrorRenderer } from './errors/renderer.ts'
import { createLanguages } from './headers/accept-language.ts'
import { type Cors, createCors } from './headers/cors.ts'
import { securityHeaders } from './headers/security.ts'
import { createStandingHeaders, type StandingHeaders } from './headers/standing.ts'
import { errorFacts, logRequests, secretPaths, type WhoIs } from './hooks/access-log.ts'
import { createDraining, type Draining, endConnections } from './hooks/draining.ts'
import { createHandlerTimeout, type HandlerTimeout } from './hooks/handler-timeout.ts'
import type { IsHidden } from './hooks/hidden-paths.ts'
import { isPlainOptions, noRoute } from './hooks/no-route.ts'
import { createPipelining } from './hooks/pipelining.ts'
import { createProxyWarning } from './hooks/proxy-warning.ts'
import { isTooLong, validateHead } from './hooks/request-head.ts'
import {
  BODY_LIMIT,
  CLOSING_TIME,
  CONNECTION_TIMEOUT,
  HANDLER_TIMEOUT,
  HEADER_LIMIT,
  HEADERS_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
  LATE_CHECK_INTERVAL,
  REQUEST_TIMEOUT,
} from './limits.ts'
import type { RequestTracing } from './request-spans.ts'
import { applyRouteDefaults } from './route-defaults.ts'
import { decorateTraceIds } from './trace-ids.ts'
import { ajv } from './validation/ajv.ts'
import { lazyCompilers } from './validation/lazy-compilers.ts'

/** The instance that features register their routes on; schemas are TypeBox. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

type Options = FastifyHttpOptions<RawServerDefault>

type Dependencies = {
  http: {
    trustProxy: readonly string[]
    /** Public address; over https, browsers are told to stay there. */
    publicUrl?: string
    /** Path of the public address: `/auth`, or nothing. */
    basePath?: string
  }
  browsers?: Pick<Browsers, 'isAllowed'>
  /** Languages of its texts, the default first; English by default. */
  languages?: readonly [Language, ...Language[]]
  /** `stream` gets the log lines, one JSON object each; standard output by default. */
  log: { level: string; stream?: { write(line: string): void } }
  /** Whether an error means that the database is away; it becomes 503 `unavailable`. */
  isUnavailable?: (error: unknown) => boolean
  whoIs?: WhoIs
  /** Addresses of which not even `OPTIONS` may tell. */
  isHidden?: IsHidden | undefined
  /** Undefined while tracing is off. */
  tracing?: Pick<RequestTracing, 'traceRequests' | 'idsIn'> | undefined
  /** In milliseconds; tests shorten them. */
  timeouts?: { headers?: number; request?: number; handler?: number; closing?: number }
  /** Aborted when a stop begins; the server still serves until it is closed. */
  stopping?: AbortSignal
}

/** Ignores the id that a client sends. */
const makeId = () => `req-${randomUUID()}`

/** Fastify with the conventions of the wire and no feature: strict parsing, problems, limits. */
export function createServer(dependencies: Dependencies): App {
  const { trustProxy, publicUrl, basePath = '' } = dependencies.http
  const defaultHeaders = securityHeaders(publicUrl)
  const standing = createStandingHeaders(defaultHeaders)
  const languages = createLanguages(dependencies.languages ?? ['en'])
  const { isUnavailable = () => false, isHidden = () => false, timeouts } = dependencies
  const render = createErrorRenderer({ isUnavailable, basePath, languages })
  const onClientError = createClientErrorHandler({ makeId, defaultHeaders, basePath, languages })
  const app: App = Fastify({
    ...limits(dependencies, standing),
    logger: loggerOptions(dependencies),
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger for each request costs as much as a hook; callers log the request id instead.
    childLoggerFactory: (logger) => logger,
    genReqId: makeId,
    routerOptions: { ignoreTrailingSlash: true },
    requestIdHeader: false,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    exposeHeadRoutes: true,
    // Serve what still arrives over open connections.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv,
    schemaController: { compilersFactory: lazyCompilers },
    ...(basePath === '' ? {} : { rewriteUrl: withoutBasePath(basePath) }),
    frameworkErrors: (error, request, reply) => {
      const { url = '' } = request.raw
      draining.track(request.raw, reply.raw)
      standing.addTo(reply)
      cors.addHeaders(request, reply)
      render(isTooLong(url) ? UriTooLong() : error, request, reply)
    },
    clientErrorHandler: onClientError,
  }).withTypeProvider<TypeBoxTypeProvider>()

  const draining = createDraining(dependencies.stopping)
  const cors = createCors(app, dependencies.browsers ?? { isAllowed: () => false })
  app.decorate('languages', languages).setErrorHandler(render)
  app.setNotFoundHandler((request, reply) => render(noRoute(app, request), request, reply))
  if (dependencies.tracing) dependencies.tracing.traceRequests(app)
  else decorateTraceIds(app)
  acceptJsonOnly(app)
  if (basePath !== '') serveBelow(app, basePath)
  applyRouteDefaults(app)
  const handlers = createHandlerTimeout(app, timeouts?.handler ?? HANDLER_TIMEOUT)
  addRequestHooks(app, { standing, cors, draining, handlers, trusted: trustProxy, isHidden })
  draining.drainOnStop(handlers.unanswered)
  endConnections(app, dependencies.timeouts?.closing ?? CLOSING_TIME)
  logRequests(app, dependencies.log.level, dependencies.whoIs ?? (() => undefined))
  // Node answers an unknown Expect with a bare 417; ignoring it is allowed (RFC 9110 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  app.server.on('connect', (_request, socket) => {
    onClientError.call(app, new Error('CONNECT'), socket)
  })
  return app
}

function limits(
  { timeouts = {} }: Dependencies,
  { serverOptions }: Pick<StandingHeaders, 'serverOptions'>,
): Options {
  return {
    bodyLimit: BODY_LIMIT,
    requestTimeout: timeouts.request ?? REQUEST_TIMEOUT,
    connectionTimeout: CONNECTION_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    http: {
      ...serverOptions,
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: timeouts.headers ?? HEADERS_TIMEOUT,
      connectionsCheckingInterval: Math.min(LATE_CHECK_INTERVAL, timeouts.headers ?? Infinity),
      // `requireHost` answers with a problem; Node's 400 would be empty.
      requireHostHeader: false,
    },
  }
}

function loggerOptions({ log, tracing }: Dependencies): NonNullable<Options['logger']> {
  const { level, stream } = log
  if (level === 'silent') return false
  return {
    level,
    redact: { paths: secretPaths, censor: '[redacted]' },
    serializers: { err: (error: unknown) => errorFacts(error) },
    ...(stream === undefined ? {} : { stream }),
    ...(tracing === undefined ? {} : { mixin: () => tracing.idsIn() ?? {} }),
  }
}

type HookDependencies = {
  standing: Pick<StandingHeaders, 'addTo'>
  cors: Cors
  draining: Draining
  handlers: HandlerTimeout
  trusted: readonly string[]
  isHidden: IsHidden
}

/** One hook for all: each costs as much as what most of these do. */
function addRequestHooks(
  app: App,
  { standing, cors, draining, handlers, trusted, isHidden }: HookDependencies,
): void {
  const watchProxies = createProxyWarning({ trusted, log: app.log })
  const isAnswered = createPipelining()
  app.addHook('onRequest', (request, reply, done) => {
    standing.addTo(reply)
    draining.track(request.raw, reply.raw)
    cors.addHeaders(request, reply)
    watchProxies(request.raw)
    validateHead(request.raw)
    if (isPlainOptions(request)) throw isHidden(request) ? NotFound() : noRoute(app, request)
    if (!isAnswered(request, reply)) return
    handlers.watch(reply)
    done()
  })
  // After the hooks of plugins, so that browsers get CORS headers; before the body.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.is404) throw noRoute(app, request)
    prepareBody(request, payload, done)
  })
}
