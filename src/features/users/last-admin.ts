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
      WHERE role = 'admin' AND disabledAt IS NULL AND (passwordHash IS NOT NULL OR emailVerified)
        AND id <> ${except}`)
    if (left === 0) throw LastAdminError()
  }

  return { requireOne }
}

type Administering = Pick<User, 'role' | 'disabledAt' | 'passwordHash' | 'emailVerified'>

/**
 * Whether it is an account that can administer: one without a password has an outside provider, or
 * waits for the owner of its address, which nobody has proven yet, to accept an invitation.
 */
export function isAdmin(user: Administering): boolean {
  const { role, disabledAt, passwordHash, emailVerified } = user
  return role === 'admin' && disabledAt === null && (passwordHash !== null || emailVerified)
}
