import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../../config/browsers.ts'
import { userView } from '../../contract/user.ts'
import { refreshCookie } from '../../http/bearer.ts'
import { acceptForms } from '../../http/body/forms.ts'
import { deviceOf } from '../../http/device.ts'
import { deviceCookieOf } from '../../http/device-cookie.ts'
import { say } from '../../http/headers/accept-language.ts'
import { requireAllowedOrigin } from '../../http/origin.ts'
import { answerSession, clearRefreshCookie } from '../../http/session-reply.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { FactorSettings } from '../factor-settings/service.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { PasswordGuard } from '../step-up/password-guard.ts'
import type { Guard } from '../tokens/guard.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { countAll, type Dashboard } from './dashboard.ts'
import type { Deletion } from './deletion.ts'
import {
  dashboardSchema,
  deleteMeSchema,
  RemovalByPassword,
  readMeSchema,
  registerSchema,
  updateMeSchema,
} from './schemas.ts'
import type { Accounts } from './service.ts'

type RegistrationOptions = {
  accounts: Accounts
  sessions: Sessions
  knownDevices: KnownDevices
  rateLimits: Pick<RateLimits<'register'>, 'consume'>
  browsers: Browsers
}

export const registrationRoutes: FastifyPluginAsyncTypebox<RegistrationOptions> = async (
  app,
  options,
) => {
  const { accounts, sessions, knownDevices, rateLimits, browsers } = options
  acceptForms(app)

  const onRequest = async () => accounts.requireRegistration()

  app.post('/register', { schema: registerSchema, onRequest }, async (request, reply) => {
    const { transport = 'body', username, email, password, name } = request.body
    if (transport === 'cookie') requireAllowedOrigin(request, browsers)
    await rateLimits.consume('register', networkOf(request.ip))
    const account = { username, email, password, ...(name === undefined ? {} : { name }) }
    const device = deviceOf(request)
    const start = { transport, device, amr: 'pwd' }
    if (accounts.mustVerify) {
      const challenge = await accounts.registerUnverified(account, start)
      const message = say(reply, ({ messages }) => messages.codeSent)
      return reply.code(202).send({ message, challenge })
    }
    const issued = await accounts.register(account, start)
    if (transport === 'cookie')
      await sessions.endPreviousSession(refreshCookie(request, browsers), device)
    const cookie = deviceCookieOf(request, browsers)
    cookie.set(reply, knownDevices.remember(cookie.presented, issued.user))
    reply.code(201).header('location', '/me')
    return answerSession(reply, issued, ({ messages }) => messages.welcome(username), browsers)
  })
}

type AccountOptions = {
  users: Users
  accounts: Accounts
  sessions: Sessions
  /** Numbers of other features on the start page. */
  dashboards: readonly Dashboard[]
  deletion: Deletion
  factorSettings: Pick<FactorSettings, 'wouldSwitch' | 'switchTo'>
  knownDevices: KnownDevices
  guard: Guard
  stepUp: StepUp
  passwordGuard: PasswordGuard
  browsers: Browsers
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountOptions> = async (app, options) => {
  const { users, accounts, sessions, dashboards, deletion, guard, browsers } = options
  const { factorSettings, stepUp, passwordGuard, knownDevices } = options
  guard.protect(app)

  app.get('/me', { schema: readMeSchema }, async ({ user }) =>
    userView(await users.requireProfile(user.sub)),
  )

  app.patch('/me', { schema: updateMeSchema }, async (request, reply) => {
    const { currentPassword, secondFactor, ...changes } = request.body
    const { isSwitched, owner } = await admit(request, request.body)
    const isConfirmed = currentPassword !== undefined || owner !== undefined
    const user = owner ?? (await requireUser(request, currentPassword))
    const device = deviceOf(request)
    const updated = await accounts.update({ user, changes, isConfirmed, device })
    if (secondFactor === undefined || !isSwitched) return userView(updated)
    const { sub: userId, sid: sessionId } = request.user
    const switched = await factorSettings.switchTo({ userId, sessionId, device }, secondFactor)
    // The device cookies of before the change are void.
    const cookie = deviceCookieOf(request, browsers)
    cookie.set(reply, knownDevices.remember(cookie.presented, switched))
    return userView(switched)
  })

  /**
   * Asks for a recent proof where what is sent differs, before anything is changed.
   * @returns whether the second factor is to be switched, and who has no password to confirm with
   * @throws StepUpRequired, SecondFactorMissing
   */
  async function admit(request: FastifyRequest, changes: Sensitive): Promise<Admitted> {
    const { currentPassword, secondFactor, username, email } = changes
    if ([secondFactor, username, email].every((field) => field === undefined)) return {}
    const before = await users.requireOpen(request.user.sub)
    const standing = stepUp.standingOf(request)
    const owner = isRenamed(before, changes) ? await rename(before) : undefined
    if (secondFactor === undefined || secondFactor === before.secondFactor) return { owner }
    const user = await stepUp.requireRecent(standing)
    return { owner, isSwitched: await factorSettings.wouldSwitch(user, secondFactor) }

    async function rename({ passwordHash }: User): Promise<User | undefined> {
      if (passwordHash === null) return passwordGuard.prove(request, currentPassword)
      await stepUp.requireBothOfTwo(standing)
      return undefined
    }
  }

  async function requireUser(request: FastifyRequest, currentPassword?: string): Promise<User> {
    const { sub: userId } = request.user
    if (currentPassword === undefined) return users.requireOpen(userId)
    return passwordGuard.confirm(request, currentPassword)
  }

  const deleteMe = {
    ...{ config: { produces: [] }, schema: deleteMeSchema },
    preValidation: passwordGuard.requiresPassword(RemovalByPassword),
  }

  app.delete('/me', deleteMe, async (request, reply) => {
    const user = await passwordGuard.confirm(request, request.body.currentPassword)
    await deletion.remove(user, deviceOf(request))
    clearRefreshCookie(reply, browsers)
    reply.code(204)
  })

  app.get('/dashboard', { schema: dashboardSchema(dashboards) }, async (request, reply) => {
    const user = await users.requireProfile(request.user.sub)
    const [activeSessions, counts] = await Promise.all([
      sessions.countLive(user.id),
      countAll(dashboards, user.id),
    ])
    return {
      logged_in_as: user.username,
      message: say(reply, ({ messages }) => messages.dashboard(user.username)),
      user: userView(user),
      activeSessions,
      ...counts,
    }
  })
}

type Admitted = { isSwitched?: boolean; owner?: User | undefined }

type Sensitive = {
  currentPassword?: string | undefined
  secondFactor?: boolean | undefined
  username?: string | undefined
  email?: string | undefined
}

/** The present address ends a change that is pending. */
function isRenamed(before: User, { username, email }: Sensitive): boolean {
  const isOther = username !== undefined && username !== before.username
  const isMoved = email !== undefined && (email !== before.email || before.pendingEmail !== null)
  return isOther || isMoved
}
