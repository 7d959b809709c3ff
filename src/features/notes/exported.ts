import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, title: true, body: true, tags: true, version: true },
  ...{ createdAt: true, updatedAt: true },
} as const

/** The notes in the export. */
export async function* notesOf(db: Database, ownerId: UserId): AsyncGenerator<object> {
  const rows = pagesById((id) =>
    db.note.findMany({ where: { ownerId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
  for await (const { tags, ...note } of rows) yield { ...note, tags: JSON.parse(tags) }
}
