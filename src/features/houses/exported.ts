import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, projectNo: true, projectName: true, projectAddress: true, version: true },
  ...{ photoCount: true, createdAt: true, updatedAt: true },
} as const

/** The houses in the export, without respelled texts. */
export function housesOf(db: Database, ownerId: UserId): AsyncIterable<object> {
  return pagesById((id) =>
    db.house.findMany({ where: { ownerId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
}
