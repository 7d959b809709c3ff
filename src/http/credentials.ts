import type {} from '@fastify/cookie'
import { createDecoder } from 'fast-jwt'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../config-browsers.ts'
import { CsrfRejected, InvalidToken } from '../platform/error-table.ts'

/** One or more spaces (RFC 9110 11.4), and only the characters of a JWT (RFC 6750 2.1, RFC 8725bis). */
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i
const SCHEME = /^Bearer(\s|$)/i
const REFRESH_TYPE = 'rt+jwt'

const decode = createDecoder({ complete: true })

/** A refresh token and the transport that it came by. */
export type PresentedToken = { token: string; transport: 'body' | 'cookie' }

/**
 * The token of the Authorization header (RFC 6750), or undefined where there is none of this scheme.
 * @throws InvalidToken when the header has the scheme and no well-formed token
 */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined || !SCHEME.test(header)) return undefined
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) throw InvalidToken()
  return token
}

/** The token of the Authorization header if it says, unverified, that it is a refresh token. */
function bearerRefreshToken(request: FastifyRequest): string | undefined {
  try {
    const token = bearerToken(request)
    return token !== undefined && decode(token).header.typ === REFRESH_TYPE ? token : undefined
  } catch {
    return undefined
  }
}

/** The refresh cookie as it came, or undefined. */
export function refreshCookie(request: FastifyRequest, { cookies }: Browsers): string | undefined {
  return request.cookies[cookies.refresh] || undefined
}

/**
 * Where a request shows a refresh token: the body, the Authorization header, or the cookie, in this
 * order. What a client says explicitly goes before the cookie, which a browser sends by itself.
 * Anything else in the header, such as the stale access token that a client adds to every call, is
 * passed over.
 * @throws CsrfRejected when the cookie is used from an origin that is not allowed
 */
export function presentedRefreshToken(
  request: FastifyRequest,
  browsers: Browsers,
): PresentedToken | undefined {
  const { refresh_token: inBody } = (request.body ?? {}) as { refresh_token?: string }
  if (inBody !== undefined) return { token: inBody, transport: 'body' }
  const bearer = bearerRefreshToken(request)
  if (bearer !== undefined) return { token: bearer, transport: 'body' }
  const cookie = refreshCookie(request, browsers)
  if (cookie === undefined) return undefined
  requireAllowedOrigin(request, browsers)
  return { token: cookie, transport: 'cookie' }
}

/**
 * Refuses a request that another site may have made in the user's browser. `Origin` decides; where a
 * browser leaves it out, or hides it as `null`, `Sec-Fetch-Site: same-origin` does (OWASP CSRF prevention).
 * @throws CsrfRejected naming the header that is missing or wrong
 */
export function requireAllowedOrigin(request: FastifyRequest, browsers: Browsers): void {
  if (hasAllowedOrigin(request, browsers)) return
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined) {
    throw CsrfRejected({
      detail: 'The Origin header names an origin that is not listed in CORS_ORIGINS.',
    })
  }
  if (site === undefined) {
    throw CsrfRejected({ detail: 'The Origin header is missing; cookie transport needs it.' })
  }
  throw CsrfRejected({ detail: 'The Sec-Fetch-Site header is not same-origin.' })
}

function hasAllowedOrigin({ headers }: FastifyRequest, { isAllowed }: Browsers): boolean {
  const { origin, 'sec-fetch-site': site } = headers
  return origin === undefined || origin === 'null' ? site === 'same-origin' : isAllowed(origin)
}

/**
 * Whether another site may have made the request in the user's browser. Clients that are no browsers
 * send neither header, and nobody can make them send anything.
 */
export function isFromElsewhere(request: FastifyRequest, browsers: Browsers): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isBrowser = origin !== undefined || site !== undefined
  return isBrowser && !hasAllowedOrigin(request, browsers)
}
