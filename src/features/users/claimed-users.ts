import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { unchanged } from './service.ts'
import { NO_PENDING_EMAIL, type User } from './user.ts'

export type ClaimedUsers = ReturnType<typeof createClaimedUsers>

/** Accounts that go to the owner of their address, whom an outside provider has signed in. */
export function createClaimedUsers({ clock }: { clock: Clock }) {
  const as = (user: User) => {
    const { emailKey, emailVerified, verifiedElsewhere } = user
    return { ...unchanged(user), emailKey, emailVerified, verifiedElsewhere }
  }

  /** Holds the row while the owner of its address gets something. @returns false if it changed */
  async function hold(tx: Transaction, user: User): Promise<boolean> {
    const { count } = await tx.user.updateMany({
      where: as(user),
      data: { updatedAt: new Date(clock()) },
    })
    return count === 1
  }

  /**
   * Takes password and second factor from the one who has registered the address of somebody else,
   * and verifies it. No earlier notice brings another address back (`Addresses.restore`).
   * @returns the account as it is now; undefined if it has changed
   */
  async function claim(tx: Transaction, user: User): Promise<User | undefined> {
    const now = new Date(clock())
    const columns = {
      ...{ passwordHash: null, secondFactor: false, locale: null, ...NO_PENDING_EMAIL },
      ...{ emailVerified: true, verifiedElsewhere: false, deletionDueAt: null },
      ...{ emailUndoneFrom: new Date(0), emailUndoneAt: now },
    }
    const next = { credentialVersion: { increment: 1 }, version: { increment: 1 } }
    const data = { ...columns, ...next, updatedAt: now }
    const { count } = await tx.user.updateMany({ where: as(user), data })
    const { credentialVersion } = user
    return count === 1
      ? { ...user, ...columns, credentialVersion: credentialVersion + 1 }
      : undefined
  }

  return { hold, claim }
}
