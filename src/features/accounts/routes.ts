import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { acceptForms } from '../../http/forms.ts'
import { answerSession, clearRefreshCookie, userView } from '../../http/session-answer.ts'
import type { Houses } from '../houses/service.ts'
import type { PhotoCleaner } from '../photos/cleaner.ts'
import type { Guard } from '../sessions/guard.ts'
import type { Sessions } from '../sessions/service.ts'
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
  allowedOrigins: ReadonlySet<string>
}

export const registrationRoutes: FastifyPluginAsyncTypebox<RegistrationOptions> = async (
  app,
  options,
) => {
  const { accounts, allowedOrigins } = options
  await acceptForms(app)

  app.post('/register', { schema: registerSchema }, async (request, reply) => {
    const { transport = 'body', username, email, password, name } = request.body
    if (transport === 'cookie') requireAllowedOrigin(request, allowedOrigins)
    const account = { username, email, password, ...(name === undefined ? {} : { name }) }
    const beginning = { transport, device: deviceOf(request), amr: 'pwd' }
    const opened = await accounts.register(account, beginning)
    reply.code(201).header('location', '/me')
    return answerSession(reply, opened, `Welcome, ${username}!`)
  })
}

type AccountOptions = {
  accounts: Accounts
  sessions: Sessions
  houses: Houses
  photoCleaner: PhotoCleaner
  guard: Guard
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { accounts, sessions, houses, photoCleaner, guard } = options
  guard.protect(app)

  app.get('/me', { schema: readMeSchema }, async ({ user }) =>
    userView(await accounts.get(user.sub)),
  )

  app.patch('/me', { schema: updateMeSchema }, async (request) => {
    const { currentPassword, ...changes } = request.body
    const device = deviceOf(request)
    const id = request.user.sub
    const user =
      currentPassword === undefined
        ? await accounts.get(id)
        : await accounts.confirmPassword(id, currentPassword, device)
    return userView(await accounts.update(user, changes, device))
  })

  app.delete(
    '/me',
    { config: { produces: [] }, schema: deleteMeSchema },
    async (request, reply) => {
      const device = deviceOf(request)
      const { currentPassword } = request.body
      const user = await accounts.confirmPassword(request.user.sub, currentPassword, device)
      await accounts.remove(user, device)
      await photoCleaner.sweep()
      clearRefreshCookie(reply)
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
