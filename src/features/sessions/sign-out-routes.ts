import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { refreshCookie, wellFormedBearer } from '../../http/bearer.ts'
import { acceptAnyBody } from '../../http/body/any-body.ts'
import { deviceOf } from '../../http/device.ts'
import { say } from '../../http/headers/accept-language.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { clearRefreshCookie } from '../../http/session-reply.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Guard } from '../tokens/guard.ts'
import type { Tokens } from '../tokens/service.ts'
import { logoutSchema } from './schemas.ts'
import type { Sessions } from './service.ts'

type Options = {
  sessions: Sessions
  tokens: Tokens
  guard: Guard
  browsers: Browsers
}
type Named = { sub: UserId; sid: SessionId }

export const signOutRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { sessions, tokens, guard, browsers } = options
  acceptAnyBody(app)

  app.post(
    '/logout',
    { config: { optionalBody: true }, schema: logoutSchema },
    async (request, reply) => {
      const cookie = readCookie(request)
      const ending = await namedSessions(request, cookie)
      for (const { sub, sid } of ending) await sessions.signOut(sub, sid, deviceOf(request))
      if (isUseless(cookie, ending)) clearRefreshCookie(reply, browsers)
      return { message: say(reply, ({ messages }) => messages.signedOut) }
    },
  )

  /**
   * Sessions of the tokens in the body and in the Authorization header; without both, of the
   * cookie.
   */
  async function namedSessions(request: SignOut, cookie: Cookie | undefined): Promise<Named[]> {
    const access = await guard.readAccessToken(request).catch(() => undefined)
    const bearer = access ? undefined : genuine(wellFormedBearer(request))
    const explicit = [access, genuine(request.body.refresh_token), bearer].filter((it) => !!it)
    if (explicit.length > 0 || cookie === undefined) return explicit
    requireAllowedOrigin(request, browsers)
    return cookie.named ? [cookie.named] : []
  }

  function readCookie(request: FastifyRequest): Cookie | undefined {
    const cookie = refreshCookie(request, browsers)
    return cookie === undefined ? undefined : { named: genuine(cookie) }
  }

  /** A bad token is not an error here. */
  function genuine(token: string | undefined): Named | undefined {
    return token === undefined ? undefined : tokens.tryRefreshToken(token)
  }
}

type SignOut = FastifyRequest<{ Body: { refresh_token?: string } }>
/** The refresh cookie; its session, if the token is genuine. */
type Cookie = { named: Named | undefined }

/** Whether to clear the cookie: not if it belongs to another live session. */
function isUseless(cookie: Cookie | undefined, ended: Named[]): boolean {
  if (cookie === undefined) return false
  return !cookie.named || ended.some(({ sid }) => sid === cookie.named?.sid)
}
