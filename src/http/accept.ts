import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { NotAcceptable } from '../platform/error-table.ts'

/** What a route produces unless its `config.produces` says otherwise. */
export const defaultProduces = ['application/json']

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route can answer with, best first; none where it has no body. */
    produces?: readonly string[]
  }
}

/**
 * The best of the media types for the request (RFC 9110 12.5.1).
 * @param produces media types, best first; those without parameters are in UTF-8
 * @throws not_acceptable when `Accept` excludes all of them
 */
export function negotiate(
  request: FastifyRequest,
  produces: readonly string[],
): string | undefined {
  const { accept } = request.headers
  if (!accept || accept === '*/*' || produces.length === 0) return produces[0]
  const offers = produces.map((type) => (type.includes(';') ? type : `${type};charset=utf-8`))
  const best = new Negotiator(request.raw).mediaType(offers)
  if (best === undefined) {
    throw NotAcceptable({ detail: `This address produces ${produces.join(' or ')}.` })
  }
  return produces[offers.indexOf(best)]
}
