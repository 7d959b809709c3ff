import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireAllowedOrigin } from '../../http/credentials.ts'
import { deviceOf } from '../../http/device.ts'
import { acceptForms } from '../../http/forms.ts'
import { problems, signedInOnly } from '../../http/schemas.ts'
import {
  answerSession,
  clearRefreshCookie,
  SessionBody,
  UserView,
  userView,
} from '../../http/session-answer.ts'
import { SessionEnded } from '../../platform/error-table.ts'
import type { Guard } from '../sessions/guard.ts'
import type { Sessions } from '../sessions/service.ts'
import { Dashboard, ProfileBody, RegistrationBody, Removal } from './schemas.ts'
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

  app.post(
    '/register',
    {
      schema: {
        operationId: 'register',
        summary: 'Create an account and sign in',
        tags: ['Accounts'],
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        body: RegistrationBody,
        response: {
          201: SessionBody,
          ...problems(
            'validation_failed',
            'weak_password',
            'csrf_rejected',
            'username_taken',
            'email_taken',
          ),
        },
      },
    },
    async (request, reply) => {
      const { transport = 'body', username, email, password, name } = request.body
      if (transport === 'cookie') requireAllowedOrigin(request, allowedOrigins)
      const device = deviceOf(request)
      const account = { username, email, password, ...(name === undefined ? {} : { name }) }
      const user = await accounts.register(account, device)
      const opened = await sessions.open(user, { transport, device, amr: 'pwd' })
      if (!opened) throw SessionEnded()
      reply.code(201).header('location', '/me')
      return answerSession(reply, opened, `Welcome, ${user.username}!`)
    },
  )
}

type AccountOptions = { accounts: Accounts; sessions: Sessions; guard: Guard }

export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { accounts, sessions, guard } = options
  app.addHook('onRequest', guard.signedIn)

  app.get(
    '/me',
    {
      schema: {
        operationId: 'getMe',
        summary: 'Read your account',
        tags: ['Accounts'],
        security: signedInOnly,
        response: { 200: UserView, ...problems('unauthenticated', 'token_expired') },
      },
    },
    async ({ user }) => userView(await accounts.get(user.sub)),
  )

  app.patch(
    '/me',
    {
      schema: {
        operationId: 'updateMe',
        summary: 'Change your name, e-mail address or username',
        tags: ['Accounts'],
        security: signedInOnly,
        body: ProfileBody,
        response: {
          200: UserView,
          ...problems(
            'validation_failed',
            'unauthenticated',
            'invalid_credentials',
            'username_taken',
            'email_taken',
          ),
        },
      },
    },
    async (request) => {
      const { currentPassword, ...changes } = request.body
      const device = deviceOf(request)
      const id = request.user.sub
      if (currentPassword !== undefined) await accounts.confirmPassword(id, currentPassword, device)
      return userView(await accounts.update(id, changes, device))
    },
  )

  app.delete(
    '/me',
    {
      config: { produces: [] },
      schema: {
        operationId: 'deleteMe',
        summary: 'Delete your account and everything that belongs to it',
        tags: ['Accounts'],
        security: signedInOnly,
        body: Removal,
        response: {
          204: { description: 'The account is gone', type: 'null' },
          ...problems('validation_failed', 'unauthenticated', 'invalid_credentials'),
        },
      },
    },
    async (request, reply) => {
      const device = deviceOf(request)
      await accounts.confirmPassword(request.user.sub, request.body.currentPassword, device)
      await accounts.remove(request.user.sub, device)
      clearRefreshCookie(reply)
      reply.code(204)
    },
  )

  app.get(
    '/dashboard',
    {
      schema: {
        operationId: 'getDashboard',
        summary: 'Read what a start page shows',
        tags: ['Accounts'],
        security: signedInOnly,
        response: { 200: Dashboard, ...problems('unauthenticated', 'token_expired') },
      },
    },
    async (request) => {
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
    },
  )
}
