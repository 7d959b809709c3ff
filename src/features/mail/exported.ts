import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'

const COLUMNS = {
  ...{ id: true, kind: true, address: true, facts: true, dueAt: true, attempts: true },
  ...{ claimedUntil: true, expiresAt: true },
} as const

/** The mails that wait, in the export: without the challenge, which leads to a code. */
export async function* mailsOf(db: Database, userId: UserId): AsyncGenerator<object> {
  const rows = pagesById((id) =>
    db.mail.findMany({ where: { userId, id }, select: COLUMNS, ...FIRST_BY_ID }),
  )
  for await (const { facts, ...mail } of rows) yield { ...mail, facts: JSON.parse(facts) }
}
