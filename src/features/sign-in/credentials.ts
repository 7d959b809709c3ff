import { InvalidCredentials } from '../../contract/errors.ts'
import type { Text } from '../../languages/text.ts'
import type { Device } from '../../platform/device.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { Overloaded } from '../../platform/errors/table.ts'
import { loginKey } from '../../platform/identity.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Passwords } from '../../platform/passwords/passwords.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'
import type { Consumption, RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { AuditEntry } from '../audit/event.ts'
import type { Audit } from '../audit/service.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { WrongPassword } from './errors.ts'
import type { PasswordChecks } from './password-checks.ts'
import type { signInLimits } from './rate-limits.ts'

export type SignIn = {
  /** The username or the e-mail address, in any spelling. */
  login: string
  password: string
  device: Device
  /** As received. */
  deviceCookie: string | undefined
}

type SignedIn = { user: User; deviceCookie: string; isKnownDevice: boolean }

/** A password that a signed-in user enters again. */
export type Confirmation = {
  userId: UserId
  sessionId: SessionId
  password: string
  device: Device
}

/** A rate limit of a sign-in. */
type Limit = keyof typeof signInLimits

export type Credentials = ReturnType<typeof createCredentials>
type Dependencies = {
  users: Users
  passwords: Passwords
  passwordChecks: PasswordChecks
  knownDevices: KnownDevices
  lockout: Lockout
  rateLimits: Pick<RateLimits<Limit>, 'consumeAll' | 'refundAll'>
  audit: Audit
}

/** Checks and counts passwords for all features. */
export function createCredentials(dependencies: Dependencies) {
  const { users, passwords, passwordChecks, knownDevices, lockout, rateLimits, audit } =
    dependencies

  /**
   * Checks a sign-in. A wrong name, a wrong password, a disabled and a locked account get the same
   * response at the same cost.
   * @returns the user, the device cookie that makes this device a known one, and whether it was one
   * @throws InvalidCredentials, RateLimited, Overloaded
   */
  async function signIn(attempt: SignIn): Promise<SignedIn> {
    const { password, device, deviceCookie } = attempt
    const login = loginKey(attempt.login)
    const { key } = login
    const stranger = askerOf(device, 'name', key)
    await assertCapacity(attempt, key)
    const user = await users.findByKey(login)
    const subject = user?.id ?? lockout.decoySubject(key)
    const holder = user ?? { id: subject, credentialVersion: 0 }
    const known = knownDevices.recognize(deviceCookie, holder)
    const asker = known === undefined ? stranger : askerOf(device, 'owner', subject)
    const outcome = await counted(limitsOf(key, known, asker), async () => {
      const form = await passwordChecks.run(asker, () =>
        passwords.match(user?.passwordHash, password, asker),
      )
      const isRight = form !== undefined && user?.disabledAt === null
      return { ...(await lockout.recordAttempt({ subject, device: known, isRight })), form }
    })
    if (!user?.passwordHash || !outcome.isAllowed) {
      recordFailure({ ...refusalOf(user, outcome), device })
      throw InvalidCredentials()
    }
    const isOutdated = outcome.form === 'former' || passwords.isOutdated(user.passwordHash)
    if (isOutdated) await renewHash(user, password, asker)
    const cookie = knownDevices.remember(deviceCookie, user, outcome.device)
    return { user, deviceCookie: cookie, isKnownDevice: outcome.device !== undefined }
  }

  /**
   * Looks at the queue before the account is read. A device cookie may belong to the owner, so it
   * is not refused because of others who wait for the same name. @throws Overloaded
   */
  function assertCapacity({ device, deviceCookie }: SignIn, key: string): Promise<void> {
    const standing = deviceCookie === undefined ? 'name' : 'owner'
    return passwords.assertCapacity(askerOf(device, standing, key))
  }

  /**
   * Rate limits of a sign-in. Strangers cannot use up that of known devices. The network comes
   * first, so that a network without rest does not use up the limits of accounts.
   */
  function limitsOf(
    key: string,
    known: string | undefined,
    { network }: Asker,
  ): Consumption<Limit>[] {
    if (known !== undefined) return [['login_device', `${key} ${known}`]]
    // By the typed name: a shared limit would tell that two names belong to one account.
    return [
      ['login_network', network],
      ['login', key],
    ]
  }

  /** Counts an attempt; refunds it unless it was checked and refused. */
  async function counted<Outcome extends { isAllowed: boolean }>(
    consumptions: Consumption<Limit>[],
    attempt: () => Promise<Outcome>,
  ): Promise<Outcome> {
    await rateLimits.consumeAll(consumptions)
    let isRefused = false
    try {
      const outcome = await attempt()
      isRefused = !outcome.isAllowed
      return outcome
    } finally {
      if (!isRefused) await rateLimits.refundAll(consumptions)
    }
  }

  /**
   * Asks for the password again before a sensitive change. Guesses count for the session.
   * @throws WrongPassword, SessionEnded for a deleted account, RateLimited, Overloaded
   */
  async function confirm(confirmation: Confirmation): Promise<User> {
    const user = await tryConfirm(confirmation)
    if (!user) throw wrongPassword()
    return user
  }

  /** Like `confirm`, but undefined for a wrong password. */
  async function tryConfirm(confirmation: Confirmation): Promise<User | undefined> {
    const { userId, sessionId, password, device } = confirmation
    const user = await users.requireOpen(userId)
    await lockout.requireUnlocked(userId, sessionId)
    const { isAllowed } = await counted([['login_device', `${userId} ${sessionId}`]], async () => {
      const asker = askerOf(device, 'owner', userId)
      const isRight = await passwordChecks.run(asker, () =>
        passwords.verify(user.passwordHash, password, asker),
      )
      return { isAllowed: await lockout.recordConfirmation({ userId, sessionId, isRight }) }
    })
    if (isAllowed) return user
    recordFailure({ userId, sessionId, device, detail: 'wrong_password' })
    return undefined
  }

  /**
   * Throws the reason why a change did not find the user that `confirm` returned.
   * @throws SessionEnded, WrongPassword
   */
  async function throwConflict({ id }: User): Promise<never> {
    await users.requireOpen(id)
    throw wrongPassword()
  }

  /** The reason is for operators, never for the caller. */
  function recordFailure(entry: Failure): void {
    audit.record({ type: 'sign_in_failed', ...entry })
  }

  async function renewHash(user: User, password: string, asker: Asker): Promise<void> {
    const hash = await passwords.hash(password, asker).catch(nothingWhenOverloaded)
    // If undefined, the next sign-in tries again.
    if (hash !== undefined) await users.renewHash(user, hash)
  }

  return { signIn, confirm, tryConfirm, throwConflict }
}

type Failure = Pick<AuditEntry, 'userId' | 'sessionId' | 'device' | 'detail'>

function refusalOf(user: User | undefined, { isLocked }: { isLocked: boolean }): Failure {
  if (!user) return { userId: null, detail: 'unknown_name' }
  if (user.disabledAt !== null) return { userId: user.id, detail: 'disabled' }
  return { userId: user.id, detail: isLocked ? 'locked' : 'wrong_password' }
}

function nothingWhenOverloaded(error: unknown): undefined {
  if (Overloaded.is(error)) return undefined
  throw error
}

function wrongPassword(): ApiError {
  const detail: Text = ({ fields }) => fields.wrongPassword
  return WrongPassword({
    errors: [{ pointer: '/currentPassword', code: 'wrong_password', detail }],
  })
}
