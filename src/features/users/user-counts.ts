import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { all, sql } from '../../platform/database/sql.ts'
import { tally } from '../../platform/paging/tally.ts'
import { stillThere } from './administered-user.ts'

export type UserCounts = ReturnType<typeof createUserCounts>
type Dependencies = { db: Database; dialect: Dialect }

/** How many accounts there are, without those that are being deleted. */
export function createUserCounts({ db, dialect }: Dependencies) {
  function count() {
    const columns = ['role', 'emailVerified', 'disabledAt', 'deletionDueAt']
    const rows = { db, dialect, table: 'User', columns }
    return tally(rows, {
      total: all(stillThere),
      disabled: sql`disabledAt IS NOT NULL AND deletionDueAt IS NULL`,
      unverified: sql`disabledAt IS NULL AND NOT emailVerified`,
      admins: sql`disabledAt IS NULL AND role = 'admin'`,
    })
  }

  return { count }
}
