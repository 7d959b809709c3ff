import type {} from '@fastify/cookie'
import type { FastifyReply } from 'fastify'
import type { Browsers } from '../config/browsers.ts'
import type { IssuedSession } from '../contract/issued-session.ts'
import type { SessionBody } from '../contract/session.ts'
import { userView } from '../contract/user.ts'
import type { Text } from '../languages/text.ts'
import { say } from './headers/accept-language.ts'

/** Answers with a session. A cookie keeps the refresh token from scripts. */
export function answerSession(
  reply: FastifyReply,
  issued: IssuedSession,
  message: Text,
  browsers: Browsers,
): SessionBody {
  const inCookie = issued.session.transport === 'cookie'
  if (inCookie) setRefreshCookie(reply, browsers, issued.refreshToken, issued.refreshExpiresIn)
  return {
    access_token: issued.accessToken,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    ...(inCookie ? {} : { refresh_token: issued.refreshToken }),
    refresh_expires_in: issued.refreshExpiresIn,
    refreshAfter: issued.refreshAfter,
    sessionId: issued.session.id,
    serverTime: issued.serverTime.toISOString(),
    user: userView(issued.user),
    message: say(reply, message),
  }
}

function setRefreshCookie(
  reply: FastifyReply,
  { cookies: { refresh, attributes } }: Browsers,
  token: string,
  maxAge: number,
): void {
  reply.setCookie(refresh, token, { ...attributes, maxAge })
}

/** Makes the browser drop the refresh cookie, which takes the attributes that it was set with. */
export function clearRefreshCookie(reply: FastifyReply, browsers: Browsers): void {
  setRefreshCookie(reply, browsers, '', 0)
}
