import type { FastifyRequest, FastifySchema } from 'fastify'
import { deviceOf } from '../../http/device.ts'
import type { Text } from '../../languages/text.ts'
import { ValidationFailed } from '../../platform/errors/table.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import type { StepUp } from './guard.ts'

export type PasswordGuard = ReturnType<typeof createPasswordGuard>
type Dependencies = {
  users: Pick<Users, 'requireOpen'>
  credentials: Pick<Credentials, 'confirm'>
  stepUp: Pick<StepUp, 'requireRecent' | 'withSecondFactor' | 'standingOf'>
}

/** Changes that the password confirms; of an account without one, a recent proof does. */
export function createPasswordGuard({ users, credentials, stepUp }: Dependencies) {
  /**
   * A `preValidation` of a route whose schema has `currentPassword` optional. Accounts without a
   * password may leave the body out.
   * @param body what holds for accounts with a password: the field is required
   */
  function requiresPassword(body: FastifySchema['body']) {
    return async (request: FastifyRequest): Promise<void> => {
      const given = withoutPassword(request.body)
      if (!given) return
      const { passwordHash } = await users.requireOpen(request.user.sub)
      request.body = given
      if (passwordHash === null) return
      const validate = request.compileValidationSchema(body as Record<string, unknown>)
      validate(given)
      const invalid = { validation: validate.errors ?? [], validationContext: 'body' }
      throw Object.assign(new Error('currentPassword is missing'), invalid)
    }
  }

  /**
   * What the password does not show. @returns the user where there is no password to confirm
   * @throws StepUpRequired, ValidationFailed where there is one, SessionEnded
   */
  async function prove(
    request: FastifyRequest,
    currentPassword: string | undefined,
  ): Promise<User | undefined> {
    if (currentPassword !== undefined) {
      await stepUp.withSecondFactor(request)
      return undefined
    }
    // The row that is written must be this one: a password that comes meanwhile ends the change.
    const user = await users.requireOpen(request.user.sub)
    if (user.passwordHash !== null) throw missing()
    await stepUp.requireRecent(stepUp.standingOf(request))
    return user
  }

  /** @throws WrongPassword, RateLimited, Overloaded, and what `prove` throws */
  async function confirm(request: FastifyRequest, currentPassword?: string): Promise<User> {
    const user = await prove(request, currentPassword)
    if (user) return user
    const { sub: userId, sid: sessionId } = request.user
    const device = deviceOf(request)
    return credentials.confirm({ userId, sessionId, password: currentPassword ?? '', device })
  }

  return { requiresPassword, prove, confirm }
}

/** @returns undefined where the password is given, and for what the schema refuses anyway */
function withoutPassword(body: unknown = {}): object | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  return Object.hasOwn(body, 'currentPassword') ? undefined : body
}

function missing() {
  const detail: Text = ({ fields }) => fields.required
  return ValidationFailed({ errors: [{ pointer: '/currentPassword', code: 'required', detail }] })
}
