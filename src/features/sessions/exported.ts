import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, createdAt: true, rotatedAt: true, renewedAt: true, authTime: true, amr: true },
  ...{ expiresAt: true, endsAt: true, revokedAt: true, revokedReason: true },
  ...{ generation: true, transport: true, ip: true, userAgent: true },
} as const

/** The sessions in the export, also those that have ended a short while ago. */
export function sessionsOf(db: Database, userId: UserId): AsyncIterable<object> {
  return pagesById((id) =>
    db.session.findMany({ where: { userId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
}
