import type { User } from '../../generated/sqlite/client.ts'
import type { BudgetName, Budgets } from '../../platform/budgets.ts'
import type { Database } from '../../platform/database.ts'
import type { Statements } from '../../platform/database-statements.ts'
import type { Device } from '../../platform/device.ts'
import { InvalidCredentials, Overloaded, SessionEnded } from '../../platform/error-table.ts'
import { CodedError } from '../../platform/errors.ts'
import { loginKey } from '../../platform/identity.ts'
import type { KnownDevices } from '../../platform/known-devices.ts'
import { networkOf } from '../../platform/network.ts'
import type { Passwords } from '../../platform/passwords.ts'
import type { Audit } from '../audit/service.ts'
import type { Lockout } from '../lockout/service.ts'
import { readUser } from './read-user.ts'
import { wrongPassword } from './wrong-password.ts'

/** A sign-in as it was asked for. */
export type SignIn = {
  /** The username or the e-mail address, in any case and any spelling. */
  login: string
  password: string
  device: Device
  /** The device cookie as it came, or undefined. */
  deviceCookie: string | undefined
}

/** A password that a signed-in user gives again. */
export type Confirmation = { userId: string; sessionId: string; password: string; device: Device }

type Spending = [budget: BudgetName, key: string]

export type Credentials = ReturnType<typeof createCredentials>
type Needs = {
  db: Database
  statements: Statements
  passwords: Passwords
  knownDevices: KnownDevices
  lockout: Lockout
  budgets: Budgets
  audit: Audit
}

/** Checks passwords, wherever one is asked for; every check counts against the same guesser. */
export function createCredentials(needs: Needs) {
  const { db, statements, passwords, knownDevices, lockout, budgets, audit } = needs

  /**
   * Checks a sign-in. A wrong name, a wrong password, a disabled and a locked account get the same
   * answer at the same cost.
   * @returns the user, and the device cookie that makes this device a known one
   * @throws InvalidCredentials; RateLimited, Overloaded
   */
  async function signIn(attempt: SignIn): Promise<{ user: User; deviceCookie: string }> {
    const { password, device, deviceCookie } = attempt
    await passwords.requireRoom()
    const { column, key } = loginKey(attempt.login)
    const user = await readUser(statements, column, key)
    const subject = user?.id ?? lockout.standIn(key)
    const holder = user ?? { id: subject, credentialVersion: 0 }
    const known = knownDevices.recognize(deviceCookie, holder)
    const verdict = await spending(budgetsOf(key, known, device), async () => {
      const form = await passwords.match(user?.passwordHash, password)
      const isRight = form !== undefined && user?.disabledAt === null
      return { ...(await lockout.judge({ subject, device: known, isRight })), form }
    })
    if (!user || !verdict.isAdmitted) {
      await recordFailure(user, device)
      throw InvalidCredentials()
    }
    const isOutdated = verdict.form === 'former' || passwords.isOutdated(user.passwordHash)
    if (isOutdated) await renewHash(user, password)
    return { user, deviceCookie: knownDevices.remember(deviceCookie, user, verdict.device) }
  }

  /**
   * The budgets of a sign-in. Known devices are not held back by what all others do. The network comes
   * first: one that has nothing left must not use up what accounts have.
   */
  function budgetsOf(key: string, known: string | undefined, { ip }: Device): Spending[] {
    if (known !== undefined) return [['login_device', `${key} ${known}`]]
    const ofNetwork: Spending = ['login_network', networkOf(ip ?? '')]
    // By the name as it was typed: a budget that two names share would tell that they are one account.
    return [ofNetwork, ['login', key]]
  }

  /** Spends budgets on an attempt, and gives them back unless it was judged and found wrong. */
  async function spending<Verdict extends { isAdmitted: boolean }>(
    spendings: Spending[],
    attempt: () => Promise<Verdict>,
  ): Promise<Verdict> {
    const spent: Spending[] = []
    let isWrong = false
    try {
      for (const [budget, key] of spendings) {
        await budgets.spend(budget, key)
        spent.push([budget, key])
      }
      const verdict = await attempt()
      isWrong = !verdict.isAdmitted
      return verdict
    } finally {
      if (!isWrong) await Promise.all(spent.map(([budget, key]) => budgets.giveBack(budget, key)))
    }
  }

  /**
   * Asks for the password again before a sensitive change. Guesses are counted for the session.
   * @throws WrongPassword; SessionEnded when the account is gone, RateLimited while the session is
   *   locked, for a right password too, and for the budget; Overloaded
   */
  async function confirm(confirmation: Confirmation): Promise<User> {
    const { userId, sessionId, password, device } = confirmation
    const user = await readUser(statements, 'id', userId)
    if (!user || user.disabledAt) throw SessionEnded()
    await lockout.requireUnlocked(userId, sessionId)
    const { isAdmitted } = await spending(
      [['login_device', `${userId} ${sessionId}`]],
      async () => {
        const isRight = await passwords.verify(user.passwordHash, password)
        return { isAdmitted: await lockout.judgeAgain({ userId, sessionId, isRight }) }
      },
    )
    if (isAdmitted) return user
    await recordFailure(user, device)
    throw wrongPassword()
  }

  async function recordFailure(user: User | undefined, device: Device): Promise<void> {
    await audit.record({ type: 'sign_in_failed', userId: user?.id ?? null, device })
  }

  /** Hashes the password anew at the present cost, unless it has changed meanwhile. */
  async function renewHash({ id, passwordHash: before }: User, password: string): Promise<void> {
    const passwordHash = await passwords.hash(password).catch(nothingWhenOverloaded)
    // The next sign-in does it.
    if (passwordHash === undefined) return
    await db.user.updateMany({ where: { id, passwordHash: before }, data: { passwordHash } })
  }

  return { signIn, confirm }
}

function nothingWhenOverloaded(error: unknown): undefined {
  if (error instanceof CodedError && error.kind === Overloaded.kind) return undefined
  throw error
}
