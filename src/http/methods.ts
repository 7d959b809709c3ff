import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import { MethodNotAllowed, NotFound } from '../platform/error-table.ts'
import type { CodedError } from '../platform/errors.ts'

/** What routes serve, besides the one for gateways, which serves all. */
export const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * The error for an address and method without a route: 405 with `Allow` where other methods are
 * served (RFC 9110 15.5.6), else 404. It asks the router itself, so both always agree.
 */
export function noRoute(app: FastifyInstance, request: FastifyRequest): CodedError {
  const url = request.url.split('?', 1)[0] ?? '/'
  const served = methods.filter((method) => app.findRoute({ method, url }) !== null)
  // A route that found nothing behind its address gives it up as if there were no route.
  const isServed = served.some((method) => method === request.method)
  if (served.length === 0 || isServed) return NotFound()
  return MethodNotAllowed({ headers: { allow: served.join(', ') } })
}

/** An OPTIONS request that no route serves, and that is not a CORS preflight. */
export function isPlainOptions({ method, headers, routeOptions }: FastifyRequest): boolean {
  if (method !== 'OPTIONS' || routeOptions.url !== undefined) return false
  return headers.origin === undefined || headers['access-control-request-method'] === undefined
}
