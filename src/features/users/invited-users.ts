import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { unchanged } from './service.ts'
import { touchedAt, type User } from './user.ts'

export type InvitedUsers = ReturnType<typeof createInvitedUsers>

/** Accounts without a password, which wait for their owners. */
export function createInvitedUsers({ clock }: { clock: Clock }) {
  /** Writes the first password, and verifies the address. @returns false if it has changed */
  async function accept(tx: Transaction, user: User, hash: string): Promise<boolean> {
    const { count } = await tx.user.updateMany({
      where: { ...unchanged(user), emailKey: user.emailKey, passwordHash: null },
      data: {
        ...{ passwordHash: hash, emailVerified: true, deletionDueAt: null },
        ...{ credentialVersion: { increment: 1 }, ...touchedAt(new Date(clock())) },
      },
    })
    return count === 1
  }

  /** Lets the account wait longer, where it waits. @returns false if the account has changed */
  async function postpone(tx: Transaction, user: User, until: Date): Promise<boolean> {
    const deletionDueAt = user.deletionDueAt === null ? null : until
    const { count } = await tx.user.updateMany({
      where: { ...unchanged(user), emailKey: user.emailKey, passwordHash: null },
      data: { deletionDueAt, updatedAt: new Date(clock()) },
    })
    return count === 1
  }

  /** Whether the account waits for its owner to accept an invitation. */
  function isInvited({ passwordHash, deletionDueAt }: User): boolean {
    return passwordHash === null && deletionDueAt !== null
  }

  return { isInvited, accept, postpone }
}
