import type { AuditEvent } from '../../generated/sqlite/client.ts'
import type { Database } from '../../platform/database/database.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { AdminEventView } from './report-schemas.ts'

export type EventQuery = { userId?: UserId; type?: string; cursor?: string; size?: string }

export type Events = ReturnType<typeof createEvents>
type Dependencies = {
  db: Database
  cursors: Cursors
  administeredUsers: Pick<AdministeredUsers, 'namesOf'>
}

/** The audit log, as administrators read it. */
export function createEvents({ db, cursors, administeredUsers }: Dependencies) {
  /** A page of events, newest first. @throws ValidationFailed for a cursor of another list */
  async function list({ cursor = '', size = '20', ...filter }: EventQuery) {
    const name = JSON.stringify(['events', filter.userId ?? '', filter.type ?? ''])
    const [last] = cursors.open(cursor, name) ?? []
    const where = { ...filter, ...(typeof last === 'string' ? { id: { lt: last } } : {}) }
    const take = Number(size)
    const found: Row[] = await db.auditEvent.findMany({
      ...{ where, orderBy: { id: 'desc' }, take: take + 1 },
    })
    const rows = found.slice(0, take)
    const next = found.length > take ? rows.at(-1) : undefined
    const names = await administeredUsers.namesOf(rows.flatMap(accountsIn))
    return {
      items: rows.map((row) => eventView(row, names)),
      nextCursor: cursors.seal(next && [next.id], name),
    }
  }

  return { list }
}

type Row = AuditEvent & { actorId?: string | null; requestId?: string | null }

function accountsIn({ userId, actorId }: Row): string[] {
  return [userId, actorId].filter((id) => typeof id === 'string')
}

function eventView(row: Row, names: ReadonlyMap<string, string>): AdminEventView {
  const { id, at, type, ip, userAgent, detail, count, actorId = null, requestId = null } = row
  const [userId, sessionId] = [row.userId as UserId | null, row.sessionId as SessionId | null]
  return {
    ...{ id, at: at.toISOString(), type, userId, username: names.get(userId ?? '') ?? null },
    ...{ actorId, actorUsername: names.get(actorId ?? '') ?? null },
    ...{ sessionId, ip, userAgent, requestId, detail, count },
  }
}
