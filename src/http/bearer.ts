import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../config/browsers.ts'
import { InvalidToken } from '../contract/errors.ts'

/** Spaces (RFC 9110 11.4), then only the characters of a JWT (RFC 6750 2.1, RFC 8725bis). */
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i
const SCHEME = /^Bearer(\s|$)/i

/** The bearer token (RFC 6750), if there is one. @throws InvalidToken when it is malformed */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined || !SCHEME.test(header)) return undefined
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) throw InvalidToken()
  return token
}

/** The token of the Authorization header; a malformed header counts as none. */
export function wellFormedBearer(request: FastifyRequest): string | undefined {
  try {
    return bearerToken(request)
  } catch {
    return undefined
  }
}

export function refreshCookie(request: FastifyRequest, { cookies }: Browsers): string | undefined {
  return request.cookies[cookies.refresh] || undefined
}
