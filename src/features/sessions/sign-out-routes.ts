import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config-browsers.ts'
import { acceptAnyBody } from '../../http/any-body.ts'
import { bearerToken, refreshCookie, requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { clearRefreshCookie } from '../../http/session-answer.ts'
import type { Guard } from './guard.ts'
import { logoutSchema } from './schemas.ts'
import type { Sessions } from './service.ts'
import type { Tokens } from './tokens.ts'

type Options = {
  sessions: Sessions
  tokens: Tokens
  guard: Guard
  browsers: Browsers
}
type Named = { sub: string; sid: string }

export const signOutRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, tokens, guard, browsers } = options
  const { namedByRefreshToken: genuine } = tokens
  acceptAnyBody(app)

  app.post(
    '/logout',
    { config: { optionalBody: true }, schema: logoutSchema },
    async (request, reply) => {
      const ending = await namedSessions(request, request.body.refresh_token)
      for (const { sid, sub } of ending) await sessions.signOut(sid, sub, deviceOf(request))
      if (holdsOver(refreshCookie(request, browsers), ending)) clearRefreshCookie(reply, browsers)
      return { message: 'You are signed out.' }
    },
  )

  /** What the body and the Authorization header name; where they name nothing, what the cookie does. */
  async function namedSessions(request: FastifyRequest, inBody?: string): Promise<Named[]> {
    const bearer = tokenInHeader(request)
    const access = await guard.readAccessToken(request).catch(() => undefined)
    const explicit = [access, genuine(inBody), genuine(bearer)].filter((named) => !!named)
    const cookie = refreshCookie(request, browsers)
    if (explicit.length > 0 || cookie === undefined) return explicit
    requireAllowedOrigin(request, browsers)
    return [genuine(cookie)].filter((named) => !!named)
  }

  /** Whether the cookie is of no more use; that of another session than the one that ended stays. */
  function holdsOver(cookie: string | undefined, ended: Named[]): boolean {
    if (cookie === undefined) return false
    const named = genuine(cookie)
    return !named || ended.some(({ sid }) => sid === named.sid)
  }
}

/** Signing out asks nothing of a token but what it names, so a bad one is no error here. */
function tokenInHeader(request: FastifyRequest): string | undefined {
  try {
    return bearerToken(request)
  } catch {
    return undefined
  }
}
