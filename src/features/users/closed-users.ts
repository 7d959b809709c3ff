import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { UserId } from '../../platform/ids.ts'
import type { LastAdmin } from './last-admin.ts'
import { unchanged } from './service.ts'
import { NO_PENDING_EMAIL, type User } from './user.ts'

/** Time that one server may work on an account before another one claims it. */
const LEASE_MS = 60_000

export type DueUser = Pick<
  User,
  'id' | 'deletionDueAt' | 'disabledAt' | 'emailVerified' | 'createdAt' | 'lastSignInAt'
>
type Where = NonNullable<Parameters<Transaction['user']['updateMany']>[0]>['where'] & object

export type ClosedUsers = ReturnType<typeof createClosedUsers>
type Dependencies = {
  db: Database
  statements: Pick<Statements, 'select'>
  clock: Clock
  lastAdmin: LastAdmin
}

/**
 * Queue of accounts to delete, kept in the User table: the row of a closed account stays until all
 * its data is gone, so any server can continue. Open accounts wait in it for their proof.
 */
export function createClosedUsers({ db, statements, clock, lastAdmin }: Dependencies) {
  /**
   * Closes an open account and frees its names. @returns false if the account has changed
   * @throws LastAdmin
   */
  function close(tx: Transaction, user: User): Promise<boolean> {
    return closeWhere(tx, user, unchanged(user))
  }

  /**
   * Closes an account for an administrator, also a disabled one, if it has the version that was
   * read. @throws LastAdmin
   */
  function closeVersion(tx: Transaction, user: User): Promise<boolean> {
    return closeWhere(tx, user, { id: user.id, version: user.version })
  }

  async function closeWhere(
    tx: Transaction,
    user: Pick<User, 'id' | 'disabledAt'>,
    where: Where,
    due: { deletionDueAt?: Date } = { deletionDueAt: leaseEnd() },
  ): Promise<boolean> {
    const { id, disabledAt } = user
    const data = { ...nameless(user), disabledAt: new Date(clock()), ...due }
    const { count } = await tx.user.updateMany({ where, data })
    if (count === 0) return false
    // The role may have changed since the account was read; now its row is locked.
    const select = { role: true, passwordHash: true, emailVerified: true }
    const now = await tx.user.findUniqueOrThrow({ where: { id }, select })
    await lastAdmin.requireAfter(tx, { ...now, id, disabledAt })
    return true
  }

  /** Claims the oldest account for a lease. @returns undefined without one, no user if lost */
  async function claim(): Promise<{ user?: DueUser } | undefined> {
    const [due] = await statements.select<DueUser>(sql`
      SELECT id, deletionDueAt, disabledAt, emailVerified, createdAt, lastSignInAt FROM User
      WHERE deletionDueAt <= ${new Date(clock())} ORDER BY deletionDueAt LIMIT 1`)
    if (!due) return undefined
    const { id, deletionDueAt } = due
    const data = { deletionDueAt: leaseEnd() }
    const { count } = await db.user.updateMany({ where: { id, deletionDueAt }, data })
    return count === 1 ? { user: { ...due, emailVerified: Boolean(due.emailVerified) } } : {}
  }

  /**
   * Closes a claimed account that nobody has proven. @returns false if it is in use by now
   * @throws LastAdmin
   */
  function closeUnproven(tx: Transaction, user: DueUser): Promise<boolean> {
    const { id, lastSignInAt } = user
    const where = { id, lastSignInAt, emailVerified: false, disabledAt: null }
    return closeWhere(tx, user, where, {})
  }

  async function keep({ id }: DueUser): Promise<void> {
    await db.user.updateMany({ where: { id, disabledAt: null }, data: { deletionDueAt: null } })
  }

  async function release(id: UserId): Promise<void> {
    // Never an account that is only disabled.
    const where = { id, username: '' }
    await db.user.updateMany({ where, data: { deletionDueAt: new Date(clock()) } })
  }

  async function remove(id: UserId): Promise<void> {
    await db.user.deleteMany({ where: { id } })
  }

  const leaseEnd = () => new Date(clock() + LEASE_MS)

  return { close, closeVersion, claim, isUnproven, closeUnproven, keep, release, remove }
}

/** Whether nobody has ever signed in to an open account, or proven its address. */
function isUnproven({ emailVerified, createdAt, lastSignInAt }: DueUser): boolean {
  if (emailVerified) return false
  return lastSignInAt === null || lastSignInAt.getTime() === createdAt.getTime()
}

/** Columns without names; the unique keys need some value. */
function nameless({ id }: Pick<User, 'id'>) {
  // No username may start with this character.
  const nobody = `~${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}`
  const names = {
    username: '',
    usernameKey: nobody,
    email: '',
    emailKey: nobody,
    name: null,
    searchName: null,
  }
  return { ...names, ...NO_PENDING_EMAIL }
}
