import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, houseId: true, contentType: true, width: true, height: true, bytes: true },
  ...{ createdAt: true, storedAt: true },
} as const

/** The photos of a user's houses in the export, without their files. */
export async function* photosOf(db: Database, ownerId: UserId): AsyncGenerator<object> {
  // Photos have an index by house, and none by owner. A house has few.
  const houses = pagesById((id) =>
    db.house.findMany({
      where: { ownerId, id },
      ...{ select: { id: true, photos: { select: COLUMNS, orderBy: { id: 'asc' } } } },
      ...FIRST_BY_ID,
    }),
  )
  for await (const { photos } of houses) yield* photos
}
