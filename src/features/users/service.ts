import { EmailTaken, SessionEnded, UsernameTaken } from '../../contract/errors.ts'
import type { SessionUser } from '../../contract/user.ts'
import type { Clock } from '../../platform/clock.ts'
import {
  type Database,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { LoginKey } from '../../platform/identity.ts'
import type { UserId } from '../../platform/ids.ts'
import { newUser } from './new-user.ts'
import { readProfile, readUser } from './read-user.ts'
import {
  NO_PENDING_EMAIL,
  type ProfileColumns,
  touchedAt,
  type User,
  withSearchName,
} from './user.ts'

export type Users = ReturnType<typeof createUsers>
type Dependencies = { db: Database; statements: Statements; clock: Clock }

/**
 * Rows of the User table. Each change is one conditional statement: it changes the row that was
 * read, or nothing.
 */
export function createUsers({ db, statements, clock }: Dependencies) {
  const now = () => new Date(clock())

  function findByKey({ column, key }: LoginKey): Promise<User | undefined> {
    return readUser(statements, column, key)
  }

  /** The user, unless the account is closed. */
  async function findOpen(id: UserId): Promise<User | undefined> {
    const user = await readUser(statements, 'id', id)
    return user?.disabledAt ? undefined : user
  }

  /** @throws SessionEnded if the account is closed */
  async function requireOpen(id: UserId): Promise<User> {
    const user = await findOpen(id)
    if (!user) throw SessionEnded()
    return user
  }

  /** What its owner sees of an account. @throws SessionEnded if the account is closed */
  async function requireProfile(id: UserId): Promise<SessionUser> {
    const user = await readProfile(statements, id)
    if (!user) throw SessionEnded()
    return user
  }

  /** @throws an error of the unique indexes if a name is taken */
  async function create(tx: Transaction, user: User): Promise<void> {
    await tx.user.createMany({ data: user })
  }

  /**
   * Throws for the name that is taken, and for the username if both are; other errors as they are.
   * @param usernameKey left out where only the address changes
   */
  async function throwTaken(
    error: unknown,
    { id, usernameKey: key }: { id: UserId; usernameKey?: string },
  ): Promise<never> {
    if (!isUniqueViolation(error)) throw error
    const holder = key === undefined ? undefined : await findByKey({ column: 'usernameKey', key })
    const isUsername = holder !== undefined && holder.id !== id
    throw isUsername ? UsernameTaken({ cause: error }) : EmailTaken({ cause: error })
  }

  /**
   * Writes a profile.
   * @param isConfirmed with the password; otherwise respelled names must be those that were read
   * @returns the user, or undefined if the row has changed meanwhile
   * @throws an error of the unique indexes if a name is taken
   */
  async function changeProfile(
    tx: Transaction,
    user: User,
    columns: ProfileColumns,
    isConfirmed: boolean,
  ): Promise<User | undefined> {
    const data = { ...withSearchName(columns), ...touchedAt(now()) }
    const where = isConfirmed
      ? { ...unchanged(user), ...sameAddress(user, columns) }
      : sameNames(user, columns)
    const { count } = await tx.user.updateMany({ where, data })
    return count === 0 ? undefined : { ...user, ...columns }
  }

  /** Writes a new password. @returns whether the checked one was still current */
  async function replacePassword(tx: Transaction, user: User, hash: string): Promise<boolean> {
    const { count } = await tx.user.updateMany({ where: unchanged(user), data: newPassword(hash) })
    return count === 1
  }

  /**
   * Writes a new password for somebody who has read a mail to the address, which is verified by it.
   * One that was not leaves the second factor to nobody: a stranger may have registered it.
   * @returns whether password and address were still those of the mail
   */
  async function resetPassword(tx: Transaction, user: User, hash: string): Promise<boolean> {
    const { emailKey, emailVerified } = user
    const where = { ...unchanged(user), emailKey, emailVerified }
    const data = {
      ...{ ...newPassword(hash), ...NO_PENDING_EMAIL },
      ...{ emailVerified: true, verifiedElsewhere: false },
      ...(emailVerified ? {} : { secondFactor: false }),
    }
    const { count } = await tx.user.updateMany({ where, data })
    return count === 1
  }

  /**
   * Writes a newer registration of an address over one that nobody has proven or used.
   * @returns the account as it is now; undefined if that may not be replaced
   */
  async function replaceUnverified(
    tx: Transaction,
    id: UserId,
    newest: User,
  ): Promise<User | undefined> {
    const { username, usernameKey, email, emailKey, name, searchName } = newest
    const { passwordHash, deletionDueAt } = newest
    const count = await tx.$executeRaw(sql`
      UPDATE User SET username = ${username}, usernameKey = ${usernameKey}, email = ${email},
        name = ${name}, searchName = ${searchName}, locale = NULL, passwordHash = ${passwordHash}, credentialVersion = credentialVersion + 1,
        secondFactor = ${false},
        deletionDueAt = ${deletionDueAt}, version = version + 1, updatedAt = ${now()}
      WHERE id = ${id} AND emailKey = ${emailKey} AND NOT emailVerified AND disabledAt IS NULL
        AND deletionDueAt IS NOT NULL AND passwordHash IS NOT NULL AND role = 'user'
        AND lastSignInAt = createdAt`)
    if (count === 0) return undefined
    const select = { credentialVersion: true }
    return { ...newest, id, ...(await tx.user.findUniqueOrThrow({ where: { id }, select })) }
  }

  /**
   * Notes a change of factors: no sign-in that was checked before it opens a session after it.
   * @returns whether the account was still as it was read
   */
  async function changeFactors(
    tx: Transaction,
    user: User,
    { secondFactor }: Pick<User, 'secondFactor'>,
  ): Promise<boolean> {
    const data = { secondFactor, credentialVersion: { increment: 1 }, ...touchedAt(now()) }
    const { count } = await tx.user.updateMany({ where: unchanged(user), data })
    return count === 1
  }

  /** Holds the row while a factor is added that changes nothing else, so that all changes meet. */
  async function holdFactors(tx: Transaction, user: User): Promise<boolean> {
    const data = { updatedAt: now() }
    const { count } = await tx.user.updateMany({ where: unchanged(user), data })
    return count === 1
  }

  /** Behind `changeFactors` or the like, in the same transaction. */
  async function setSecondFactor(tx: Transaction, id: UserId, secondFactor: boolean) {
    await tx.user.updateMany({ where: { id }, data: { secondFactor } })
  }

  const newPassword = (hash: string) => ({
    ...{ passwordHash: hash, credentialVersion: { increment: 1 } },
    ...touchedAt(now()),
  })

  async function renewHash({ id, passwordHash: before }: User, hash: string): Promise<void> {
    await db.user.updateMany({
      where: { id, passwordHash: before },
      data: { passwordHash: hash },
    })
  }

  return {
    ...{ findByKey, findOpen, requireOpen, requireProfile, newUser, create, throwTaken },
    ...{
      replaceUnverified,
      changeProfile,
      replacePassword,
      resetPassword,
      changeFactors,
      holdFactors,
      setSecondFactor,
      renewHash,
    },
  }
}

/** Finds the user while the account is open and the checked password is current. */
export function unchanged({ id, credentialVersion }: User) {
  return { id, credentialVersion, disabledAt: null }
}

/** Finds the user while the names to respell are those that were read. */
function sameNames(user: User, columns: ProfileColumns) {
  const { id, usernameKey } = user
  return {
    id,
    disabledAt: null,
    ...(columns.usernameKey === undefined ? {} : { usernameKey }),
    ...sameAddress(user, columns),
  }
}

/** What becomes of another address depends on the present one, and on whether that is verified. */
function sameAddress({ emailKey, emailVerified }: User, columns: ProfileColumns) {
  if (columns.emailVerified !== undefined || columns.pendingEmail)
    return { emailKey, emailVerified }
  const isMeant = columns.emailKey !== undefined || columns.pendingEmail !== undefined
  return isMeant ? { emailKey } : {}
}
