import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, kind: true, name: true, rpId: true, backupEligible: true, backedUp: true },
  ...{ transports: true, aaguid: true, createdAt: true, lastUsedAt: true },
  _count: { select: { recoveryCodes: true } },
} as const

/** The factors in the export: without secrets, keys, and what names a key. */
export async function* factorsOf(db: Database, userId: UserId): AsyncGenerator<object> {
  const rows = pagesById((id) =>
    db.factor.findMany({ where: { userId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
  for await (const { _count, ...factor } of rows) {
    yield { ...factor, recoveryCodes: _count.recoveryCodes }
  }
}
