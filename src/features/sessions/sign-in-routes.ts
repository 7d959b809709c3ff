import { createHash } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config-browsers.ts'
import {
  bearerToken,
  presentedRefreshToken,
  refreshCookie,
  requireAllowedOrigin,
} from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { acceptForms } from '../../http/forms.ts'
import { answerSession } from '../../http/session-answer.ts'
import { InvalidCredentials, InvalidToken, Unauthenticated } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'
import type { Credentials } from '../accounts/credentials.ts'
import { refreshSchema } from './schemas.ts'
import type { Sessions } from './service.ts'
import { loginSchema } from './sign-in-schemas.ts'
import type { Tokens } from './tokens.ts'

type SignInOptions = {
  credentials: Credentials
  sessions: Sessions
  browsers: Browsers
}

export const signInRoutes: FastifyPluginAsyncTypebox<SignInOptions> = async (app, options) => {
  const { credentials, sessions, browsers } = options
  acceptForms(app, { grantType: 'password' })

  app.post('/login', { schema: loginSchema }, async (request, reply) => {
    const { username, email, password, transport = 'body' } = request.body
    // The schema takes exactly one of them.
    const login = username ?? email ?? ''
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const device = deviceOf(request)
    const cookie = deviceCookieOf(request, browsers)
    const attempt = { login, password, device, deviceCookie: cookie.presented }
    const { user, deviceCookie } = await credentials.signIn(attempt)
    const opened = await sessions.open(user, { transport, device, amr: 'pwd' })
    if (!opened) throw InvalidCredentials()
    if (transport === 'cookie') await sessions.endReplaced(refreshCookie(request, browsers), device)
    cookie.set(reply, deviceCookie)
    return answerSession(reply, opened, `Welcome back, ${user.username}!`, browsers)
  })
}

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
      const presented = presentedRefreshToken(request, browsers)
      if (!presented) throw noRefreshToken(request)
      const claims = tokens.readRefreshToken(presented.token)
      const keyHash = digest(request.headers['idempotency-key'])
      const { transport } = presented
      const opened = await sessions.refresh({ claims, transport, keyHash }, deviceOf(request))
      const message = `Your session goes on, ${opened.user.username}.`
      const body = answerSession(reply, opened, message, browsers)
      return { ...body, refreshed: opened.refreshed }
    },
  )
}

/** A token that is none for this address is a bad one; without any the answer says what is missing. */
function noRefreshToken(request: FastifyRequest): CodedError {
  return bearerToken(request) === undefined ? Unauthenticated() : InvalidToken()
}

function digest(key: string | undefined): string | null {
  return key === undefined ? null : createHash('sha256').update(key).digest('hex')
}
