import type { SessionId, UserId } from '../../platform/ids.ts'
import type { PageQuery } from '../../platform/paging/owned-list.ts'
import type { AuditFilter, AuditRow } from '../audit/reading.ts'
import type { Audit } from '../audit/service.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { AdminEventView } from './report-schemas.ts'

export type Events = ReturnType<typeof createEvents>
type Dependencies = {
  audit: Pick<Audit, 'list'>
  administeredUsers: Pick<AdministeredUsers, 'namesOf'>
}

/** The audit log, as administrators read it. */
export function createEvents({ audit, administeredUsers }: Dependencies) {
  /** A page of events, newest first. @throws ValidationFailed for a cursor of another list */
  async function list(query: AuditFilter & PageQuery) {
    const { items, nextCursor } = await audit.list(query)
    const names = await administeredUsers.namesOf(items.flatMap(accountsIn))
    return { items: items.map((row) => eventView(row, names)), nextCursor }
  }

  return { list }
}

function accountsIn({ userId, actorId }: AuditRow): string[] {
  return [userId, actorId].filter((id) => id !== null)
}

function eventView(row: AuditRow, names: ReadonlyMap<string, string>): AdminEventView {
  const { id, at, type, ip, userAgent, requestId, detail, count } = row
  const [userId, actorId] = [row.userId as UserId | null, row.actorId as UserId | null]
  return {
    ...{ id, at: at.toISOString(), type, userId, username: names.get(userId ?? '') ?? null },
    ...{ actorId, actorUsername: names.get(actorId ?? '') ?? null },
    ...{ sessionId: row.sessionId as SessionId | null, ip, userAgent, requestId, detail, count },
  }
}
