import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { all, name, type Sql, sql } from '../../platform/database/sql.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import type { PageQuery } from '../../platform/paging/owned-list.ts'
import type { AuditType } from './event.ts'

const PAGE = 200

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
  async function list(query: AuditFilter & PageQuery) {
    const { userId, type, cursor = '', size = '20' } = query
    const key = JSON.stringify(['AuditEvent', userId ?? null, type ?? null])
    const [last] = cursors.open(cursor, key) ?? []
    const where = all(
      userId === undefined ? undefined : sql`userId = ${userId}`,
      type === undefined ? undefined : sql`type = ${type}`,
      last === undefined ? undefined : sql`id < ${last}`,
    )
    const found = await db.$queryRaw<AuditRow[]>(sql`
      SELECT * FROM ${tableFor(query)} WHERE ${where} ORDER BY id DESC LIMIT ${Number(size) + 1}`)
    const items = found.slice(0, Number(size))
    const next = found.length > items.length ? items.at(-1) : undefined
    return { items, nextCursor: cursors.seal(next && [next.id], key) }
  }

  function tableFor({ userId, type }: AuditFilter): Sql {
    if (userId !== undefined) return dialect.tableBy('AuditEvent', 'AuditEvent_userId_id_idx')
    if (type !== undefined) return dialect.tableBy('AuditEvent', 'AuditEvent_type_id_idx')
    return name('AuditEvent')
  }

  /** All events, or those about a user, oldest first. */
  async function* exportRows(filter: Pick<AuditFilter, 'userId'> = {}): AsyncGenerator<AuditRow> {
    let last = ''
    for (;;) {
      const rows = await db.auditEvent.findMany({
        where: { ...filter, id: { gt: last } },
        ...{ orderBy: { id: 'asc' }, take: PAGE },
      })
      yield* rows
      if (rows.length < PAGE) return
      last = rows.at(-1)?.id ?? last
    }
  }

  return { list, exportRows }
}
