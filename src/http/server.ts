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
import type { Browsers } from '../config-browsers.ts'
import { Overloaded, UriTooLong } from '../platform/error-table.ts'
import { errorFacts, logRequests, secretPaths, type WhoIs } from './access-log.ts'
import { serveBelow, withoutBasePath } from './base-path.ts'
import { acceptJsonOnly, prepareBody } from './bodies.ts'
import { type Cors, createCors } from './cors.ts'
import { createClientErrorHandler, createErrorRenderer } from './errors.ts'
import { limitHandlers } from './handler-limit.ts'
import {
  BODY_LIMIT,
  CONNECTION_TIMEOUT,
  HANDLER_TIMEOUT,
  HEADER_LIMIT,
  HEADERS_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
  LATE_CHECK_INTERVAL,
  REQUEST_TIMEOUT,
} from './limits.ts'
import { isPlainOptions, noRoute } from './methods.ts'
import { limitPipelines } from './pipelines.ts'
import { createProxyWatch } from './proxies.ts'
import { isTooLong, requireReadableHead } from './request-head.ts'
import { completeRoutes } from './routes.ts'
import { standingHeaders } from './standing-headers.ts'
import { ajv } from './validation.ts'

/** The Fastify instance that features register their routes on; schemas are TypeBox. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

type Options = FastifyHttpOptions<RawServerDefault>

type Needs = {
  http: {
    /** Addresses and CIDRs of proxies whose X-Forwarded-* headers are believed. */
    trustProxy: readonly string[]
    /** Own address; over https, browsers are told to stay there. */
    publicUrl?: string
    /** The path of the own address: `/auth`, or nothing. */
    basePath?: string
  }
  /** Which browser frontends there are; by default none. */
  browsers?: Pick<Browsers, 'isAllowed'>
  /** `stream` gets the lines of the log, one JSON object each; standard output by default. */
  log: { level: string; stream?: { write(line: string): void } }
  /** Whether an error means that the database cannot be reached; it becomes 503 `unavailable`. */
  isUnavailable?: (error: unknown) => boolean
  /** Names the signed-in user of a request, for the log. */
  whoIs?: WhoIs
  /** Times in milliseconds that tests shorten. */
  timeouts?: { headers?: number; request?: number; handler?: number }
}

/** How often a server that stops looks for connections that have become idle, in milliseconds. */
const IDLE_CHECK_INTERVAL = 50

/** The maker of request ids. An id that a client sends is not believed. */
const makeId = () => `req-${randomUUID()}`

/**
 * A Fastify instance that keeps the conventions of the wire and knows no feature: strict parsing and
 * validation, problem details for every failure, 405 and 406, request ids, limits and time-outs.
 *
 *     const app = createServer({ http, browsers, log, isUnavailable, whoIs })
 *     await app.register(…)      // plugins first, then features
 */
export function createServer(needs: Needs): App {
  const { trustProxy, publicUrl, basePath = '' } = needs.http
  const { isUnavailable = () => false } = needs
  const render = createErrorRenderer({ isUnavailable, basePath })
  const standing = standingHeaders(publicUrl)
  const onClientError = createClientErrorHandler(makeId, standing, basePath)
  const app: App = Fastify({
    ...limits(needs),
    logger: loggerOptions(needs.log),
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own for each request costs as much as a hook; whoever logs names the request.
    childLoggerFactory: (logger) => logger,
    genReqId: makeId,
    routerOptions: { ignoreTrailingSlash: true },
    requestIdHeader: false,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    exposeHeadRoutes: true,
    // Its answer is not a problem; `guardRequests` gives one.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv,
    // Without a path nothing is done for each request.
    ...(basePath === '' ? {} : { rewriteUrl: withoutBasePath(basePath) }),
    frameworkErrors: (error, request, reply) => {
      const { url = '' } = request.raw
      cors.show(request, reply.headers(standing))
      render(isTooLong(url) ? UriTooLong() : error, request, reply)
    },
    clientErrorHandler: onClientError,
  }).withTypeProvider<TypeBoxTypeProvider>()

  const cors = createCors(app, needs.browsers ?? { isAllowed: () => false })
  app.setErrorHandler(render)
  app.setNotFoundHandler((request, reply) => render(noRoute(app, request), request, reply))
  acceptJsonOnly(app)
  if (basePath !== '') serveBelow(app, basePath)
  completeRoutes(app)
  guardRequests(app, { standing, cors, trusted: trustProxy })
  limitPipelines(app)
  limitHandlers(app, needs.timeouts?.handler ?? HANDLER_TIMEOUT)
  logRequests(app, needs.log.level, needs.whoIs ?? (() => undefined))
  // Node answers an unknown expectation with a bare 417; ignoring it is as good (RFC 9110 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  app.server.on('connect', (_request, socket) => {
    onClientError.call(app, new Error('CONNECT'), socket)
  })
  return app
}

function limits({ timeouts = {} }: Needs): Options {
  return {
    bodyLimit: BODY_LIMIT,
    requestTimeout: timeouts.request ?? REQUEST_TIMEOUT,
    connectionTimeout: CONNECTION_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    http: {
      maxHeaderSize: HEADER_LIMIT,
      headersTimeout: timeouts.headers ?? HEADERS_TIMEOUT,
      connectionsCheckingInterval: Math.min(LATE_CHECK_INTERVAL, timeouts.headers ?? Infinity),
      // Node answers a missing Host with an empty 400; `requireHost` answers with a problem.
      requireHostHeader: false,
    },
  }
}

function loggerOptions({ level, stream }: Needs['log']): NonNullable<Options['logger']> {
  if (level === 'silent') return false
  return {
    level,
    redact: { paths: secretPaths, censor: '[redacted]' },
    serializers: { err: (error: unknown) => errorFacts(error) },
    ...(stream === undefined ? {} : { stream }),
  }
}

type Guards = {
  standing: Record<string, string>
  cors: Cors
  trusted: readonly string[]
}

/** A connection that is in use when the server stops would stay open after the answer. */
function closeOnceIdle(server: RawServerDefault): void {
  if (!server.listening) return
  const sweeps = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL)
  server.once('close', () => clearInterval(sweeps))
}

/** What holds for every request, with a route or without. */
function guardRequests(app: App, { standing, cors, trusted }: Guards): void {
  let isClosing = false
  app.addHook('preClose', (done) => {
    isClosing = true
    closeOnceIdle(app.server)
    done()
  })
  const watchProxies = createProxyWatch({ trusted, log: app.log })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(standing)
    cors.show(request, reply)
    watchProxies(request.raw)
    if (isClosing) throw Overloaded({ detail: 'The server is shutting down; try again.' })
    requireReadableHead(request.raw)
    if (isPlainOptions(request)) throw noRoute(app, request)
    done()
  })
  // After the hooks of plugins, so that answers to browsers have their CORS headers; before the body.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.is404) throw noRoute(app, request)
    prepareBody(request, payload, done)
  })
}
