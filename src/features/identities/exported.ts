import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, issuer: true, subject: true, provider: true, email: true },
  ...{ createdAt: true, lastUsedAt: true },
} as const

/** The identities in the export. */
export function identitiesOf(db: Database, userId: UserId): AsyncIterable<object> {
  return pagesById((id) =>
    db.identity.findMany({ where: { userId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
}
