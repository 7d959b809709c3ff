import { createHash } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { InvalidToken, Unauthenticated } from '../../contract/errors.ts'
import type { Transport } from '../../contract/session.ts'
import { bearerToken, refreshCookie, wellFormedBearer } from '../../http/bearer.ts'
import { acceptForms } from '../../http/body/forms.ts'
import { deviceOf } from '../../http/device.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession } from '../../http/session-reply.ts'
import type { Text } from '../../languages/text.ts'
import type { RefreshClaims } from '../tokens/claims.ts'
import type { Tokens } from '../tokens/service.ts'
import { refreshSchema } from './schemas.ts'
import type { Sessions } from './service.ts'

type RefreshOptions = {
  sessions: Sessions
  tokens: Tokens
  browsers: Browsers
}

export const refreshRoutes: FastifyPluginAsyncTypebox<RefreshOptions> = async (app, options) => {
  const { sessions, tokens, browsers } = options
  acceptForms(app, { grantType: 'refresh_token' })

  app.post(
    '/refresh',
    { config: { optionalBody: true }, schema: refreshSchema },
    async (request, reply) => {
      const token = extractRefreshToken(request, tokens, browsers)
      const keyHash = digest(request.headers['idempotency-key'])
      const issued = await sessions.refresh({ ...token, keyHash }, deviceOf(request))
      const message: Text = ({ messages }) => messages.sessionContinues(issued.user.username)
      const body = answerSession(reply, issued, message, browsers)
      return { ...body, refreshed: issued.refreshed }
    },
  )
}

/** Claims of a genuine refresh token, and how it was sent. */
type ExtractedToken = { claims: RefreshClaims; transport: Transport }

/**
 * Reads the refresh token from the body, the Authorization header or the cookie, in this order:
 * what a client sends explicitly wins over the cookie, which a browser sends automatically. Ignores
 * another kind of token in the header, since some clients add the access token to every call.
 * @throws Unauthenticated, InvalidToken, CsrfRejected for a cookie from another origin
 */
function extractRefreshToken(
  request: FastifyRequest,
  tokens: Tokens,
  browsers: Browsers,
): ExtractedToken {
  const { refresh_token: inBody } = (request.body ?? {}) as { refresh_token?: string }
  if (inBody !== undefined) return { claims: tokens.readRefreshToken(inBody), transport: 'body' }
  const bearer = wellFormedBearer(request)
  const claims = bearer === undefined ? undefined : tokens.tryRefreshToken(bearer)
  if (claims) return { claims, transport: 'body' }
  if (bearer !== undefined && tokens.looksLikeRefreshToken(bearer)) throw InvalidToken()
  const cookie = refreshCookie(request, browsers)
  if (cookie === undefined) {
    throw bearerToken(request) === undefined ? Unauthenticated() : InvalidToken()
  }
  requireAllowedOrigin(request, browsers)
  return { claims: tokens.readRefreshToken(cookie), transport: 'cookie' }
}

function digest(key: string | undefined): string | null {
  return key === undefined ? null : createHash('sha256').update(key).digest('hex')
}
