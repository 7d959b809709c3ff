import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Browsers } from '../config/browsers.ts'
import { isCrossSite } from './origin.ts'

/** The longest that browsers keep a cookie: 400 days (RFC 6265bis 5.5). */
const MAX_AGE = 34_560_000

/**
 * Marks a browser that signed in before, and opens nothing. A cross-site sign-in can neither use
 * nor replace the cookie. @returns the cookie, and a function to set a new one
 */
export function deviceCookieOf(request: FastifyRequest, browsers: Browsers) {
  const { device, attributes } = browsers.cookies
  const isForeign = isCrossSite(request, browsers)
  return {
    presented: isForeign ? undefined : request.cookies[device],
    set(reply: FastifyReply, value: string): void {
      if (isForeign) return
      reply.setCookie(device, value, { ...attributes, maxAge: MAX_AGE })
    },
  }
}
