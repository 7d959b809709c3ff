import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { emailColumns } from '../../platform/identity.ts'
import type { UserId } from '../../platform/ids.ts'
import { unchanged } from './service.ts'
import { NO_PENDING_EMAIL, touchedAt, type User } from './user.ts'

type Restored = {
  email: string
  passwordHash: string
  noticedAt: Date
}

export type Addresses = ReturnType<typeof createAddresses>
type Dependencies = { clock: Clock }

/**
 * The e-mail addresses of users: proven, changed, and brought back. Each change is one conditional
 * statement, and the first of its transaction. It returns whether it found the user as expected,
 * and throws an error of the unique indexes when somebody else has the address.
 */
export function createAddresses({ clock }: Dependencies) {
  const now = () => new Date(clock())

  async function isTaken(tx: Transaction, emailKey: string): Promise<boolean> {
    return (await tx.user.findUnique({ where: { emailKey }, select: { id: true } })) !== null
  }

  /** @param elsewhere where the account has no session, so perhaps not by who registered it */
  async function verify(tx: Transaction, user: User, elsewhere = false): Promise<boolean> {
    const { count } = await tx.user.updateMany({
      where: { ...unchanged(user), emailKey: user.emailKey },
      data: { emailVerified: true, verifiedElsewhere: elsewhere, ...touchedAt(now()) },
    })
    return count === 1
  }

  /** Puts the pending address of the user, confirmed now, in the place of the present one. */
  async function change(tx: Transaction, user: User, elsewhere: boolean): Promise<boolean> {
    const { emailKey, pendingEmail, pendingEmailKey } = user
    const { count } = await tx.user.updateMany({
      where: { ...unchanged(user), emailKey, pendingEmailKey },
      data: {
        ...emailColumns(pendingEmail ?? ''),
        ...NO_PENDING_EMAIL,
        ...{ emailVerified: true, verifiedElsewhere: elsewhere, ...touchedAt(now()) },
      },
    })
    return count === 1
  }

  /**
   * Brings an old address back, with a new password. Of several notices the earliest is the
   * strongest: who took an account and moved its address twice holds later ones, which undo nothing
   * any more.
   */
  async function restore(
    tx: Transaction,
    id: UserId,
    { email, passwordHash, noticedAt }: Restored,
  ): Promise<boolean> {
    const isStrongest = [
      { emailUndoneAt: null },
      { emailUndoneAt: { lt: noticedAt } },
      { emailUndoneFrom: { gte: noticedAt } },
    ]
    const { count } = await tx.user.updateMany({
      where: { id, disabledAt: null, OR: isStrongest },
      data: {
        ...emailColumns(email),
        ...NO_PENDING_EMAIL,
        ...{ emailVerified: true, verifiedElsewhere: false },
        ...{ passwordHash, credentialVersion: { increment: 1 } },
        ...{ emailUndoneFrom: noticedAt, emailUndoneAt: now(), ...touchedAt(now()) },
      },
    })
    return count === 1
  }

  return { isTaken, verify, change, restore }
}
