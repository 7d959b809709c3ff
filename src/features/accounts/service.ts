import { v7 as uuidv7 } from 'uuid'
import type { User } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Database, isUniqueViolation } from '../../platform/database.ts'
import type { Device } from '../../platform/device.ts'
import {
  EmailTaken,
  InvalidCredentials,
  SessionEnded,
  UsernameTaken,
} from '../../platform/error-table.ts'
import type { Passwords } from '../../platform/passwords.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Audit } from '../audit/service.ts'
import type { Sessions } from '../sessions/service.ts'

export type NewAccount = {
  username: string
  email: string
  password: string
  name?: string | null
}
export type ProfileChanges = { username?: string; email?: string; name?: string | null }

export type Accounts = ReturnType<typeof createAccounts>
type Needs = {
  db: Database
  clock: Clock
  passwords: Passwords
  audit: Audit
  sessions: Sessions
}

/** People and their credentials. Who is who is decided by keys without case, the same on both databases. */
export function createAccounts({ db, clock, passwords, audit, sessions }: Needs) {
  /**
   * Creates an account from checked input.
   * @throws UsernameTaken, EmailTaken: the unique indexes decide, however many ask at once
   */
  async function register(account: NewAccount, device: Device): Promise<User> {
    const { username, email, password, name = null } = account
    const passwordHash = await passwords.hash(password)
    const now = new Date(clock())
    const data = {
      id: uuidv7({ msecs: now.getTime() }),
      ...usernameColumns(username),
      ...emailColumns(email),
      name,
      passwordHash,
      createdAt: now,
      updatedAt: now,
    }
    const user = await db.user.create({ data }).catch((error) => taken(error, data))
    await audit.record({ type: 'registered', userId: user.id, device })
    return user
  }

  /** Says which of the two names is taken; the username is named first when both are. */
  async function taken(error: unknown, wanted: { usernameKey?: string }): Promise<never> {
    if (!isUniqueViolation(error)) throw error
    const { usernameKey } = wanted
    const holder = usernameKey && (await db.user.findUnique({ where: { usernameKey } }))
    throw holder ? UsernameTaken({ cause: error }) : EmailTaken({ cause: error })
  }

  /**
   * Checks a sign-in. A wrong name, a wrong password and a disabled account cost the same time.
   * @param login the username or the e-mail address, in any case
   * @throws InvalidCredentials
   */
  async function authenticate(login: string, password: string, device: Device): Promise<User> {
    const key = login.toLowerCase()
    const where = key.includes('@') ? { emailKey: key } : { usernameKey: key }
    const user = await db.user.findUnique({ where })
    const matches = await passwords.verify(user?.passwordHash, password)
    if (!user || !matches || user.disabledAt) return refuse(user, device)
    if (passwords.isOutdated(user.passwordHash)) await renewHash(user, password)
    return user
  }

  async function refuse(user: User | null, device: Device): Promise<never> {
    await audit.record({ type: 'sign_in_failed', userId: user?.id ?? null, device })
    throw InvalidCredentials()
  }

  /** Hashes the password anew at the present cost, unless it has changed meanwhile. */
  async function renewHash({ id, passwordHash: before }: User, password: string): Promise<void> {
    const passwordHash = await passwords.hash(password)
    await db.user.updateMany({ where: { id, passwordHash: before }, data: { passwordHash } })
  }

  /** @throws SessionEnded when the account is gone: its tokens are too */
  async function get(id: string): Promise<User> {
    const user = await db.user.findUnique({ where: { id } })
    if (!user || user.disabledAt) throw SessionEnded()
    return user
  }

  /**
   * Asks for the password again before a sensitive change.
   * @throws InvalidCredentials when it is wrong, SessionEnded when the account is gone
   */
  async function confirmPassword(id: string, password: string, device: Device): Promise<User> {
    const user = await get(id)
    if (await passwords.verify(user.passwordHash, password)) return user
    return refuse(user, device)
  }

  /**
   * Changes the profile. A new e-mail address is not verified.
   * @throws UsernameTaken, EmailTaken, SessionEnded
   */
  async function update(id: string, changes: ProfileChanges, device: Device): Promise<User> {
    const before = await get(id)
    const { username, email, name } = changes
    const data = {
      ...(username === undefined ? {} : usernameColumns(username)),
      ...(email === undefined ? {} : emailColumns(email)),
      ...(name === undefined ? {} : { name }),
      ...(isOtherAddress(email, before.email) ? { emailVerified: false } : {}),
      updatedAt: new Date(clock()),
    }
    const { count } = await db.user
      .updateMany({ where: { id }, data })
      .catch((error) => takenBy(error, data, id))
    if (count === 0) throw SessionEnded()
    await audit.record({ type: 'profile_changed', userId: id, device, detail: fieldsOf(changes) })
    return get(id)
  }

  async function takenBy(error: unknown, data: { usernameKey?: string }, id: string) {
    const { usernameKey } = data
    const own = usernameKey && (await db.user.findFirst({ where: { id, usernameKey } }))
    return taken(error, own ? {} : data)
  }

  /** Deletes the account with everything that belongs to it; its sessions are over. */
  async function remove(id: string, device: Device): Promise<void> {
    const ended = await inTransaction(db, async (tx) => {
      // The first statement locks the user's row: no sign-in can open a session meanwhile.
      const closed = { disabledAt: new Date(clock()) }
      const { count } = await tx.user.updateMany({ where: { id }, data: closed })
      if (count === 0) throw SessionEnded()
      const ids = await sessions.endAllWithin(tx, { userId: id }, 'account_deleted')
      await tx.user.deleteMany({ where: { id } })
      return ids
    })
    sessions.rememberEnded(ended)
    await audit.record({ type: 'account_deleted', userId: id, device })
  }

  function countHouses(ownerId: string): Promise<number> {
    return db.house.count({ where: { ownerId } })
  }

  return {
    register,
    authenticate,
    get,
    confirmPassword,
    update,
    remove,
    countHouses,
  }
}

/** The name as it was typed, and the key that decides who is who (ASCII by schema). */
function usernameColumns(username: string) {
  return { username, usernameKey: username.toLowerCase() }
}

function emailColumns(email: string) {
  return { email, emailKey: email.toLowerCase() }
}

function isOtherAddress(wanted: string | undefined, present: string): boolean {
  return wanted !== undefined && wanted.toLowerCase() !== present.toLowerCase()
}

function fieldsOf(changes: ProfileChanges): string {
  return Object.keys(changes).join(' ')
}
