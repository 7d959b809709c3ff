import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { acceptForms } from '../../http/forms.ts'
import { answerSession, clearRefreshCookie, userView } from '../../http/session-answer.ts'
import { SessionEnded } from '../../platform/error-table.ts'
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
  sessions: Sessions
  allowedOrigins: ReadonlySet<string>
}

export const registrationRoutes: FastifyPluginAsyncTypebox<RegistrationOptions> = async (
  app,
  options,
) => {
  const { accounts, sessions, allowedOrigins } = options
  await acceptForms(app)

  app.post('/register', { schema: registerSchema }, async (request, reply) => {
    const { transport = 'body', username, email, password, name } = request.body
    if (transport === 'cookie') requireAllowedOrigin(request, allowedOrigins)
    const device = deviceOf(request)
    const account = { username, email, password, ...(name === undefined ? {} : { name }) }
    const user = await accounts.register(account, device)
    const opened = await sessions.open(user, { transport, device, amr: 'pwd' })
    if (!opened) throw SessionEnded()
    reply.code(201).header('location', '/me')
    return answerSession(reply, opened, `Welcome, ${user.username}!`)
  })
}

type AccountOptions = { accounts: Accounts; sessions: Sessions; guard: Guard }

export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { accounts, sessions, guard } = options
  app.addHook('onRequest', guard.signedIn)

  app.get('/me', { schema: readMeSchema }, async ({ user }) =>
    userView(await accounts.get(user.sub)),
  )

  app.patch('/me', { schema: updateMeSchema }, async (request) => {
    const { currentPassword, ...changes } = request.body
    const device = deviceOf(request)
    const id = request.user.sub
    if (currentPassword !== undefined) await accounts.confirmPassword(id, currentPassword, device)
    return userView(await accounts.update(id, changes, device))
  })

  app.delete(
    '/me',
    { config: { produces: [] }, schema: deleteMeSchema },
    async (request, reply) => {
      const device = deviceOf(request)
      await accounts.confirmPassword(request.user.sub, request.body.currentPassword, device)
      await accounts.remove(request.user.sub, device)
      clearRefreshCookie(reply)
      reply.code(204)
    },
  )

  app.get('/dashboard', { schema: dashboardSchema }, async (request) => {
    const user = await accounts.get(request.user.sub)
    const [activeSessions, houses] = await Promise.all([
      sessions.countLive(user.id),
      accounts.countHouses(user.id),
    ])
    return {
      logged_in_as: user.username,
      message: `Welcome to your dashboard, ${user.username}!`,
      user: userView(user),
      activeSessions,
      houses,
    }
  })
}
