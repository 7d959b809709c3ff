import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Browsers } from '../config-browsers.ts'
import { isFromElsewhere } from './credentials.ts'

/** The longest that browsers keep a cookie: 400 days (RFC 6265bis 5.5). */
const MAX_AGE = 34_560_000

/**
 * The device cookie of a sign-in: read it before, and set it after. It marks a browser or an app that has
 * signed in before, and opens nothing. Another site that signs somebody in here can neither use nor replace it.
 * @returns the cookie as it came, or undefined, and what sets a new one
 */
export function deviceCookieOf(request: FastifyRequest, browsers: Browsers) {
  const { device, attributes } = browsers.cookies
  const isForeign = isFromElsewhere(request, browsers)
  return {
    presented: isForeign ? undefined : request.cookies[device],
    set(reply: FastifyReply, value: string): void {
      if (isForeign) return
      reply.setCookie(device, value, { ...attributes, maxAge: MAX_AGE })
    },
  }
}
