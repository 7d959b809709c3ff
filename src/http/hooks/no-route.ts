import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { MethodNotAllowed, NotFound } from '../../platform/errors/table.ts'

export const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** 405 with `Allow` where the router has other methods (RFC 9110 15.5.6), else 404. */
export function noRoute(app: FastifyInstance, request: FastifyRequest): ApiError {
  const url = request.url.split('?', 1)[0] ?? '/'
  const served = methods.filter((method) => app.findRoute({ method, url }) !== null)
  // A route may call the not-found handler itself.
  const isServed = served.some((method) => method === request.method)
  if (served.length === 0 || isServed) return NotFound()
  return MethodNotAllowed({ headers: { allow: served.join(', ') } })
}

/** An OPTIONS request without a route that is not a CORS preflight. */
export function isPlainOptions(request: FastifyRequest): boolean {
  if (request.method !== 'OPTIONS' || !request.is404) return false
  const { headers } = request
  return headers.origin === undefined || headers['access-control-request-method'] === undefined
}
