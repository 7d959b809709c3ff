import type { AuditType } from '../../contract/audit-type.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import { all, list, name, type Sql, sql } from '../../platform/database/sql.ts'
import { firstIdAt, type UserId } from '../../platform/ids.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import type { PageQuery } from '../../platform/paging/owned-list.ts'
import { ownerOf } from './event.ts'

/** A row, as it is stored. */
export type AuditRow = Awaited<ReturnType<Database['auditEvent']['findMany']>>[number]

/** Which events; without either all of them. */
export type AuditFilter = { userId?: UserId; type?: AuditType }

type Dependencies = { db: Database; dialect: Dialect; cursors: Cursors }

/** Reads events, in bounded pages, equally fast at any depth. */
export function createAuditReading({ db, dialect, cursors }: Dependencies) {
  /**
   * A page of events, newest first.
   * @throws ValidationFailed for a cursor of another list
   */
  async function listEvents(query: AuditFilter & PageQuery) {
    const { userId, type, cursor = '', size = '20' } = query
    const key = JSON.stringify(['AuditEvent', userId ?? null, type ?? null])
    const [last] = cursors.open(cursor, key) ?? []
    const isBehind = last === undefined ? undefined : sql`id < ${last}`
    const where = all(...conditionsOf(query), isBehind)
    const found = await db.$queryRaw<AuditRow[]>(sql`
      SELECT * FROM ${tableFor(query)} WHERE ${where} ORDER BY id DESC LIMIT ${Number(size) + 1}`)
    const items = found.slice(0, Number(size))
    const next = found.length > items.length ? items.at(-1) : undefined
    return { items, nextCursor: cursors.seal(next && [next.id], key) }
  }

  function conditionsOf({ userId, type }: AuditFilter) {
    return [
      userId === undefined ? undefined : sql`userId = ${userId}`,
      type === undefined ? undefined : sql`type = ${type}`,
    ]
  }

  function tableFor({ userId, type }: AuditFilter): Sql {
    if (userId !== undefined) return dialect.tableBy('AuditEvent', 'AuditEvent_userId_id_idx')
    if (type !== undefined) return dialect.tableBy('AuditEvent', 'AuditEvent_type_id_idx')
    return name('AuditEvent')
  }

  /** How often events of these types happened, by type. @param from, to in milliseconds */
  async function countBetween(
    types: readonly AuditType[],
    from: number,
    to: number,
  ): Promise<ReadonlyMap<string, number>> {
    const table = dialect.tableBy('AuditEvent', 'AuditEvent_type_id_idx')
    const rows = await db.$queryRaw<{ type: string; times: unknown }[]>(sql`
      SELECT type, SUM(\`count\`) AS times FROM ${table}
      WHERE type IN (${list(types.map((type) => sql`${type}`))})
        AND id >= ${firstIdAt(from)} AND id < ${firstIdAt(to)} GROUP BY type`)
    return new Map(rows.map(({ type, times }) => [type, Number(times)]))
  }

  /** All events, or some, oldest first. */
  function exportRows(filter: Owned = {}): AsyncGenerator<AuditRow> {
    return pagesById((id) => db.auditEvent.findMany({ where: { ...filter, id }, ...FIRST_BY_ID }))
  }

  /** What a user may have of the events about him, or of what he did to others. */
  async function* told(whose: Owned, reader: UserId): AsyncGenerator<object> {
    for await (const row of exportRows(whose)) {
      const { id, at, type, userId, sessionId, detail, count } = row
      yield { id, at, type, userId, sessionId, ...actorIn(row, reader), detail, count }
    }
  }

  return {
    ...{ list: listEvents, countBetween, exportRows },
    eventsAbout: (userId: UserId) => told({ userId }, userId),
    actionsOf: (actorId: UserId) => told({ actorId, NOT: { userId: actorId } }, actorId),
  }
}

/** Who acted, and from where: which administrator it was does not concern the user. */
function actorIn(row: AuditRow, reader: UserId): object {
  const { actorId, requestId, ip, userAgent } = row
  return ownerOf(row) === reader ? { actorId, requestId, ip, userAgent } : {}
}

type Owned = { userId?: string; actorId?: string; NOT?: { userId: string } }
