import { v7 as uuidv7 } from 'uuid'
import type { User } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Database, isUniqueViolation, type Transaction } from '../../platform/database.ts'
import type { Statements } from '../../platform/database-statements.ts'
import type { Device } from '../../platform/device.ts'
import { EmailTaken, SessionEnded, UsernameTaken } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'
import type { Passwords } from '../../platform/passwords.ts'
import type { Audit } from '../audit/service.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Beginning } from '../sessions/session-row.ts'
import type { OpenedSession } from '../sessions/tokens.ts'
import {
  changedColumns,
  emailColumns,
  type ProfileChanges,
  passwordRequired,
  sameNames,
  unchanged,
  usernameColumns,
} from './profile-changes.ts'
import { readUser } from './read-user.ts'
import { wrongPassword } from './wrong-password.ts'

export type NewAccount = {
  username: string
  email: string
  password: string
  name?: string | null
}
type Update = {
  /** As `get` or `credentials.confirm` returned it. */
  user: User
  changes: ProfileChanges
  /** Whether the password came with the changes and is right. */
  isConfirmed: boolean
  device: Device
}

export type Accounts = ReturnType<typeof createAccounts>
type Needs = {
  db: Database
  statements: Statements
  clock: Clock
  passwords: Passwords
  audit: Audit
  lockout: Lockout
  sessions: Sessions
}

/** People and their names. Who is who is decided by keys without case, the same on both databases. */
export function createAccounts(needs: Needs) {
  const { db, statements, clock, passwords, audit, lockout, sessions } = needs

  /**
   * Creates an account from checked input and opens its first session: both or neither.
   * @throws UsernameTaken, EmailTaken: the unique indexes decide, however many ask at once
   */
  async function register(account: NewAccount, beginning: Beginning): Promise<OpenedSession> {
    const passwordHash = await passwords.hash(account.password)
    const user = newUser(account, passwordHash, new Date(clock()))
    const create = async (tx: Transaction) => void (await tx.user.createMany({ data: user }))
    const opened = await sessions
      .openFirst(user, beginning, create)
      .catch((error) => taken(error, user))
    await audit.record({ type: 'registered', userId: user.id, device: beginning.device })
    return opened
  }

  /** Says which of the two names is taken; the username is named first when both are. */
  async function taken(error: unknown, wanted: { usernameKey?: string }): Promise<never> {
    if (!isUniqueViolation(error)) throw error
    const { usernameKey } = wanted
    const holder = usernameKey && (await db.user.findUnique({ where: { usernameKey } }))
    throw holder ? UsernameTaken({ cause: error }) : EmailTaken({ cause: error })
  }

  /** @throws SessionEnded when the account is gone: its tokens are too */
  async function get(id: string): Promise<User> {
    const user = await readUser(statements, 'id', id)
    if (!user || user.disabledAt) throw SessionEnded()
    return user
  }

  /**
   * Changes what really differs in the profile. Another identity needs the password, and another
   * e-mail address is not verified.
   * @throws ValidationFailed where the password is missing; UsernameTaken, EmailTaken; SessionEnded
   *   when the account is gone, WrongPassword when its password was changed meanwhile
   */
  async function update({ user, changes, isConfirmed, device }: Update): Promise<User> {
    const columns = changedColumns(user, changes)
    const fields = Object.keys(changes).filter((field) => field in columns)
    if (fields.length === 0) return user
    const { where, overtaken } = isConfirmed
      ? { where: unchanged(user), overtaken: wrongPassword }
      : { where: sameNames(user, columns), overtaken: passwordRequired }
    const data = { ...columns, updatedAt: new Date(clock()) }
    const { count } = await db.user
      .updateMany({ where, data })
      .catch((error) => takenBy(error, data, user.id))
    if (count === 0) return refuse(user, overtaken)
    const detail = fields.join(' ')
    await audit.record({ type: 'profile_changed', userId: user.id, device, detail })
    return { ...user, ...data }
  }

  /** Says why a user is not the one any more who was read. */
  async function refuse({ id }: User, overtaken: () => CodedError): Promise<never> {
    await get(id)
    throw overtaken()
  }

  async function takenBy(error: unknown, data: { usernameKey?: string }, id: string) {
    const { usernameKey } = data
    const own = usernameKey && (await db.user.findFirst({ where: { id, usernameKey } }))
    return taken(error, own ? {} : data)
  }

  /**
   * Replaces the password inside a transaction; sign-ins that were checked against the old one fail.
   * @param user as `credentials.confirm` returned it
   * @throws WrongPassword when the password was changed meanwhile
   */
  async function replacePassword(tx: Transaction, user: User, passwordHash: string): Promise<void> {
    const { count } = await tx.user.updateMany({
      where: unchanged(user),
      data: {
        passwordHash,
        credentialVersion: { increment: 1 },
        updatedAt: new Date(clock()),
      },
    })
    if (count === 0) throw wrongPassword()
  }

  /**
   * Deletes the account with everything that belongs to it; its sessions are over.
   * @param user as `credentials.confirm` returned it
   * @throws SessionEnded when the account is gone, WrongPassword when its password was changed
   *   meanwhile
   */
  async function remove(user: User, device: Device): Promise<void> {
    const { id: userId } = user
    const isRemoved = await sessions.transact(async (tx, endAll) => {
      // The first statement locks the user's row: no sign-in can open a session meanwhile.
      const closed = { disabledAt: new Date(clock()) }
      const { count } = await tx.user.updateMany({ where: unchanged(user), data: closed })
      if (count === 0) return false
      await endAll({ userId }, 'account_deleted')
      await lockout.forget(tx, userId)
      await tx.user.deleteMany({ where: { id: userId } })
      return true
    })
    if (!isRemoved) return refuse(user, wrongPassword)
    await audit.record({ type: 'account_deleted', userId, device })
  }

  return {
    register,
    get,
    update,
    replacePassword,
    remove,
  }
}

function newUser({ username, email, name = null }: NewAccount, hash: string, now: Date): User {
  return {
    id: uuidv7({ msecs: now.getTime() }),
    ...usernameColumns(username),
    ...emailColumns(email),
    emailVerified: false,
    name,
    role: 'user',
    roleChangedAt: null,
    passwordHash: hash,
    credentialVersion: 1,
    disabledAt: null,
    createdAt: now,
    updatedAt: now,
  }
}
