import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { NotAcceptable } from '../../platform/errors/table.ts'

export const defaultProduces = ['application/json']

/** `Content-Type` of a JSON text that is ready. */
export const JSON_TYPE = 'application/json; charset=utf-8'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types of the route's responses, best first; none without a body. */
    produces?: readonly string[]
  }
}

/** The best of these media types for `Accept` (RFC 9110 12.5.1). @throws NotAcceptable */
export function negotiate(
  request: FastifyRequest,
  produces: readonly string[],
): string | undefined {
  const { accept } = request.headers
  if (!accept || accept === '*/*' || produces.length === 0) return produces[0]
  const offers = produces.map((type) => (type.includes(';') ? type : `${type};charset=utf-8`))
  const best = new Negotiator(request.raw).mediaType(offers)
  if (best === undefined) {
    throw NotAcceptable({ detail: ({ details }) => details.produces(produces) })
  }
  return produces[offers.indexOf(best)]
}
