import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config-browsers.ts'
import { refreshCookie, requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { acceptForms } from '../../http/forms.ts'
import { answerSession, clearRefreshCookie, userView } from '../../http/session-answer.ts'
import type { Budgets } from '../../platform/budgets.ts'
import type { KnownDevices } from '../../platform/known-devices.ts'
import { networkOf } from '../../platform/network.ts'
import type { Houses } from '../houses/service.ts'
import type { PhotoCleaner } from '../photos/cleaner.ts'
import type { Guard } from '../sessions/guard.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Confirmation, Credentials } from './credentials.ts'
import {
  dashboardSchema,
  deleteMeSchema,
  readMeSchema,
  registerSchema,
  updateMeSchema,
} from './schemas.ts'
import type { Accounts } from './service.ts'

type RegistrationOptions = {
  accounts: Accounts
  sessions: Sessions
  knownDevices: KnownDevices
  budgets: Budgets
  browsers: Browsers
}

export const registrationRoutes: FastifyPluginAsyncTypebox<RegistrationOptions> = async (
  app,
  options,
) => {
  const { accounts, sessions, knownDevices, budgets, browsers } = options
  acceptForms(app)

  app.post('/register', { schema: registerSchema }, async (request, reply) => {
    const { transport = 'body', username, email, password, name } = request.body
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    await budgets.spend('register', networkOf(request.ip))
    const account = { username, email, password, ...(name === undefined ? {} : { name }) }
    const device = deviceOf(request)
    const beginning = { transport, device, amr: 'pwd' }
    const opened = await accounts.register(account, beginning)
    if (transport === 'cookie') await sessions.endReplaced(refreshCookie(request, browsers), device)
    const cookie = deviceCookieOf(request, browsers)
    cookie.set(reply, knownDevices.remember(cookie.presented, opened.user))
    reply.code(201).header('location', '/me')
    return answerSession(reply, opened, `Welcome, ${username}!`, browsers)
  })
}

type AccountOptions = {
  accounts: Accounts
  credentials: Credentials
  sessions: Sessions
  houses: Houses
  photoCleaner: PhotoCleaner
  guard: Guard
  browsers: Browsers
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { accounts, credentials, sessions, houses, photoCleaner, guard, browsers } = options
  guard.protect(app)

  app.get('/me', { schema: readMeSchema }, async ({ user }) =>
    userView(await accounts.get(user.sub)),
  )

  app.patch('/me', { schema: updateMeSchema }, async (request) => {
    const { currentPassword, ...changes } = request.body
    const isConfirmed = currentPassword !== undefined
    const user = isConfirmed
      ? await credentials.confirm(confirmation(request, currentPassword))
      : await accounts.get(request.user.sub)
    const device = deviceOf(request)
    return userView(await accounts.update({ user, changes, isConfirmed, device }))
  })

  app.delete(
    '/me',
    { config: { produces: [] }, schema: deleteMeSchema },
    async (request, reply) => {
      const device = deviceOf(request)
      const { currentPassword } = request.body
      const user = await credentials.confirm(confirmation(request, currentPassword))
      await accounts.remove(user, device)
      await photoCleaner.sweep()
      clearRefreshCookie(reply, browsers)
      reply.code(204)
    },
  )

  app.get('/dashboard', { schema: dashboardSchema }, async (request) => {
    const user = await accounts.get(request.user.sub)
    const [activeSessions, houseCount] = await Promise.all([
      sessions.countLive(user.id),
      houses.countOwned(user.id),
    ])
    return {
      logged_in_as: user.username,
      message: `Welcome to your dashboard, ${user.username}!`,
      user: userView(user),
      activeSessions,
      houses: houseCount,
    }
  })
}

/** The password that the signed-in user of a request gives again. */
function confirmation(request: FastifyRequest, password: string): Confirmation {
  const { sub: userId, sid: sessionId } = request.user
  return { userId, sessionId, password, device: deviceOf(request) }
}
