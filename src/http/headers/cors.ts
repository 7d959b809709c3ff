import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { methods } from '../hooks/no-route.ts'
import { HEADER_FIELDS } from '../limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every origin may read the response; always so for `/.well-known/*`. */
    publicToAllOrigins?: boolean
    /** The route answers preflights itself. */
    answersPreflights?: boolean
  }
}

/** How long browsers cache a preflight, in seconds. */
const PREFLIGHT_MAX_AGE = '600'
const WELL_KNOWN = '/.well-known/'
/** A header name (RFC 9110 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Headers that browsers hide from other origins; `*` does not work with cookies. */
const EXPOSED = [
  'accept-ranges',
  'allow',
  'content-disposition',
  'content-encoding',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'etag',
  'link',
  'location',
  'origin-agent-cluster',
  'ratelimit',
  'ratelimit-policy',
  'referrer-policy',
  'retry-after',
  'strict-transport-security',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-request-id',
  'x-user-id',
  'x-user-role',
].join(', ')

const PUBLIC = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' }

export type Cors = ReturnType<typeof createCors>

/** Which pages may read responses (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function createCors(app: FastifyInstance, { isAllowed }: Pick<Browsers, 'isAllowed'>) {
  const publicPaths = new Set<string>()

  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith(WELL_KNOWN) && route.config?.publicToAllOrigins !== true) return
    publicPaths.add(route.url)
    // Without `Origin`, too: a cache may pass the response to a page of another site.
    route.onRequest = [showToAll, ...[route.onRequest ?? []].flat()]
  })

  function headersFor(origin: string, url: string): Record<string, string> | undefined {
    if (url.startsWith(WELL_KNOWN) || publicPaths.has(pathOf(url))) return PUBLIC
    if (!isAllowed(origin)) return undefined
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': EXPOSED,
    }
  }

  /** Adds CORS headers; errors before the plugins run need them, too. */
  function addHeaders(
    { headers: { origin }, url }: FastifyRequest,
    reply: FastifyReply,
  ): FastifyReply {
    const shown = origin === undefined ? undefined : headersFor(origin, url)
    return shown === undefined ? reply : reply.headers(shown)
  }

  return { addHeaders }
}

/** Answers preflights of allowed pages. They may send any header, as tracing tools do. */
export function answerPreflights(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!isPreflight(request)) return done()
    if (request.routeOptions.config.answersPreflights === true) return done()
    if (!reply.hasHeader('access-control-allow-origin')) return done()
    const wanted = request.headers['access-control-request-headers']
    if (wanted !== undefined) reply.header('access-control-allow-headers', namesIn(wanted))
    reply.header('access-control-allow-methods', methods.join(', '))
    reply.header('access-control-max-age', PREFLIGHT_MAX_AGE).code(204).send()
  })
}

const showToAll: onRequestHookHandler = (_request, reply, done) => {
  reply.removeHeader('access-control-allow-credentials').headers(PUBLIC)
  done()
}

function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path.endsWith('/') ? path.slice(0, -1) : path
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  if (method !== 'OPTIONS') return false
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

function namesIn(list: string): string {
  const names = list.split(',').map((name) => name.trim())
  return names
    .filter((name) => TOKEN.test(name))
    .slice(0, HEADER_FIELDS)
    .join(', ')
}
