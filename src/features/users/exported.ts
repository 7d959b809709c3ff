import type { Database } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, username: true, email: true, emailVerified: true, verifiedElsewhere: true },
  pendingEmail: true,
  ...{
    emailUndoneFrom: true,
    emailUndoneAt: true,
    name: true,
    locale: true,
    role: true,
    roleChangedAt: true,
  },
  ...{ secondFactor: true, disabledAt: true, lastSignInAt: true, deletionDueAt: true },
  ...{ photoBytes: true, houseCount: true, noteCount: true, keyDay: true, keyCount: true },
  ...{ version: true, createdAt: true, updatedAt: true },
} as const

/** The account in the export: without its hash, and without respelled names. */
export function accountOf(db: Database, id: UserId): Promise<object | null> {
  return db.user.findUnique({ where: { id }, select: COLUMNS })
}
