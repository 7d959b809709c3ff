import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'
import { unchanged } from './service.ts'
import { NO_PENDING_EMAIL, type User } from './user.ts'

/** Time that one server may work on an account before another one claims it. */
const LEASE_MS = 60_000

export type ClosedUsers = ReturnType<typeof createClosedUsers>
type Dependencies = { db: Database; clock: Clock }

/**
 * Queue of accounts to delete, kept in the User table: the row of a closed account stays until all
 * its data is gone, so any server can continue.
 */
export function createClosedUsers({ db, clock }: Dependencies) {
  /** Closes the account and frees its names. @returns false if the account has changed */
  async function close(tx: Transaction, user: User): Promise<boolean> {
    const data = { ...nameless(user), disabledAt: new Date(clock()), deletionDueAt: leaseEnd() }
    const { count } = await tx.user.updateMany({ where: unchanged(user), data })
    return count === 1
  }

  /** Claims the oldest account for a lease. @returns undefined without one, no id if lost */
  async function claim(): Promise<{ id?: UserId } | undefined> {
    const due = await db.user.findFirst({
      where: { deletionDueAt: { lte: new Date(clock()) } },
      orderBy: { deletionDueAt: 'asc' },
      select: { id: true, deletionDueAt: true },
    })
    if (!due) return undefined
    const data = { deletionDueAt: leaseEnd() }
    const { count } = await db.user.updateMany({ where: due, data })
    return count === 1 ? { id: due.id as UserId } : {}
  }

  async function release(id: UserId): Promise<void> {
    await db.user.updateMany({ where: { id }, data: { deletionDueAt: new Date(clock()) } })
  }

  async function remove(id: UserId): Promise<void> {
    await db.user.deleteMany({ where: { id } })
  }

  const leaseEnd = () => new Date(clock() + LEASE_MS)

  return { close, claim, release, remove }
}

/** Columns without names; the unique keys need some value. */
function nameless({ id }: User) {
  // No username may start with this character.
  const nobody = `~${Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')}`
  const names = { username: '', usernameKey: nobody, email: '', emailKey: nobody, name: null }
  return { ...names, ...NO_PENDING_EMAIL }
}
