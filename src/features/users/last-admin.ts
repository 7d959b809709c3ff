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
   * @throws LastAdmin where nobody is left
   */
  async function requireOne(tx: Transaction): Promise<void> {
    const at = new Date(clock())
    const later = new Date(at.getTime() + 1)
    const left = await tx.$executeRaw(sql`
      UPDATE User SET updatedAt = CASE WHEN updatedAt = ${at} THEN ${later} ELSE ${at} END
      WHERE role = 'admin' AND disabledAt IS NULL AND passwordHash IS NOT NULL`)
    if (left === 0) throw LastAdminError()
  }

  return { requireOne }
}

/** Whether it is an account that can administer: an invited one has no password yet. */
export function isAdmin(user: Pick<User, 'role' | 'disabledAt' | 'passwordHash'>): boolean {
  return user.role === 'admin' && user.disabledAt === null && user.passwordHash !== null
}
