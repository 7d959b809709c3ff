import { LastAdmin as LastAdminError } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { User } from './user.ts'

export type LastAdmin = ReturnType<typeof createLastAdmin>

/** Keeps an administrator who can sign in. */
export function createLastAdmin({ clock }: { clock: Clock }) {
  /**
   * Call it behind the change that takes an administrator away, in the same transaction. One
   * statement decides, and it writes the rows of all who are left: of two who demote each other,
   * also on two nodes of a cluster, each meets the other's row, and one transaction is tried again.
   * @param except who cannot sign in by now @throws LastAdmin where nobody is left
   */
  async function requireOne(tx: Transaction, except = ''): Promise<void> {
    const at = new Date(clock())
    const later = new Date(at.getTime() + 1)
    const left = await tx.$executeRaw(sql`
      UPDATE User SET updatedAt = CASE WHEN updatedAt = ${at} THEN ${later} ELSE ${at} END
      WHERE role = 'admin' AND disabledAt IS NULL AND id <> ${except}
        AND (passwordHash IS NOT NULL OR emailVerified
          OR EXISTS (SELECT 1 FROM Identity WHERE Identity.userId = User.id))`)
    if (left === 0) throw LastAdminError()
  }

  /**
   * Whether it is an account that can administer: not one that waits for the owner of its address,
   * which nobody has proven yet, to accept an invitation.
   */
  async function isAdmin(tx: Transaction, user: Administering): Promise<boolean> {
    const { id: userId, role, disabledAt, passwordHash, emailVerified } = user
    if (role !== 'admin' || disabledAt !== null) return false
    if (passwordHash !== null || emailVerified) return true
    return (await tx.identity.count({ where: { userId } })) > 0
  }

  /** The same where the account was one of them. @param before as it was @throws LastAdmin */
  async function requireAfter(tx: Transaction, before: Administering): Promise<void> {
    if (await isAdmin(tx, before)) await requireOne(tx)
  }

  return { requireOne, requireAfter }
}

type Administering = Pick<User, 'id' | 'role' | 'disabledAt' | 'passwordHash' | 'emailVerified'>
