import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Browsers } from '../../config/browsers.ts'
import { InvalidCredentials } from '../../contract/errors.ts'
import { refreshCookie } from '../../http/bearer.ts'
import { acceptForms } from '../../http/body/forms.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession } from '../../http/session-reply.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { ChallengeSignIn } from './challenge-sign-in.ts'
import type { Credentials } from './credentials.ts'
import { loginSchema } from './schemas.ts'
import { PASSWORD, type SignInCodes } from './sign-in-codes.ts'

type SignInOptions = {
  credentials: Credentials
  signInCodes: Pick<SignInCodes, 'requireVerified'>
  challengeSignIn: Pick<ChallengeSignIn, 'requireFactor'>
  sessions: Sessions
  notices: Pick<Notices, 'add'>
  browsers: Browsers
}

export const signInRoutes: FastifyPluginAsyncTypebox<SignInOptions> = async (app, options) => {
  const { credentials, signInCodes, challengeSignIn, sessions, notices, browsers } = options
  acceptForms(app, { grantType: 'password' })

  app.post('/login', { schema: loginSchema }, async (request, reply) => {
    const { username, email, password, transport = 'body' } = request.body
    // The schema requires exactly one.
    const login = username ?? email ?? ''
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    const device = deviceOf(request)
    const cookie = deviceCookieOf(request, browsers)
    const attempt = { login, password, device, deviceCookie: cookie.presented }
    const { user, deviceCookie, isKnownDevice } = await credentials.signIn(attempt)
    const asked = { transport, device, proved: [PASSWORD] }
    await signInCodes.requireVerified(user, asked)
    await challengeSignIn.requireFactor(user, asked, cookie.presented)
    const issued = await sessions.open(user, { transport, device, amr: PASSWORD })
    if (!issued) throw InvalidCredentials()
    if (!isKnownDevice) notices.add({ kind: 'new_device', userId: user.id, device })
    if (transport === 'cookie')
      await sessions.endPreviousSession(refreshCookie(request, browsers), device)
    cookie.set(reply, deviceCookie)
    return answerSession(
      reply,
      issued,
      ({ messages }) => messages.welcomeBack(user.username),
      browsers,
    )
  })
}
