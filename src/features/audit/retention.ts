import type { Clock } from '../../platform/clock.ts'
import { BATCH } from '../../platform/database/batches.ts'
import type { Database } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { firstIdAt } from '../../platform/ids.ts'
import type { Days } from './days.ts'

const DAY_MS = 86_400_000

type Event = { id: string }
type Dependencies = {
  db: Database
  statements: Pick<Statements, 'select'>
  days: Days
  clock: Clock
  keepMs: number
}

/**
 * Deletes events by age, a day at a time. The newest deleted day stays without its events: the next
 * one continues it.
 */
export function createRetention({ db, statements, days, clock, keepMs }: Dependencies) {
  /** Deletes a batch of events. @returns whether there may be more */
  async function clean(): Promise<boolean> {
    await prune()
    const anchor = await days.newestPruned()
    // Nobody makes this server delete younger events than it would.
    if (anchor && days.sealState(anchor) !== 'forged') {
      if (await removeUpTo(anchor.day)) return true
      await days.removeBefore(anchor.day)
    }
    return removeUnchained()
  }

  /** Marks the newest day that is old enough, before anything of it goes. */
  async function prune(): Promise<void> {
    // Its last event is as young as the beginning of the next day.
    const last = Math.floor((clock() - keepMs) / DAY_MS) - 1
    const [due] = await days.read(
      sql`WHERE state = 'closed' AND \`day\` > 0 AND \`day\` <= ${last} ORDER BY \`day\` DESC LIMIT 1`,
    )
    if (due) await days.replace(due, { ...due, state: 'pruned' })
  }

  /** Events of this day and those before. @returns whether there may be more */
  async function removeUpTo(day: number): Promise<boolean> {
    const rows = await statements.select<Event>(sql`
      SELECT id FROM AuditEvent WHERE \`day\` <= ${day} ORDER BY \`day\`, seq LIMIT ${BATCH}`)
    return remove(rows)
  }

  /** Events from before the chain: older than all others, so among the first by id. */
  async function removeUnchained(): Promise<boolean> {
    const rows = await statements.select<Event & { day: number | null }>(sql`
      SELECT id, \`day\` FROM AuditEvent
      WHERE id < ${firstIdAt(clock() - keepMs)} ORDER BY id LIMIT ${BATCH}`)
    return remove(rows.filter(({ day }) => day === null))
  }

  async function remove(rows: readonly Event[]): Promise<boolean> {
    if (rows.length === 0) return false
    await db.auditEvent.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } })
    return rows.length === BATCH
  }

  return { clean }
}
