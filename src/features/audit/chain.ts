import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import { isUniqueViolation } from '../../platform/database/database.ts'
import { list, type Sql, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { Log } from '../../platform/log/log.ts'
import { type Days, insertOf, replaceOf, type SealedDay } from './days.ts'
import { type AuditEvent, type ChainedEvent, chainHash, originOf, ownerOf } from './event.ts'

const DAY_MS = 86_400_000
/** Refusals of a unique index in a row that cannot be another server's. */
const MANY_REFUSALS = 5
const MAX_PAUSE_MS = 50

type Dependencies = {
  statements: Statements
  days: Days
  clock: Clock
  log: Pick<Log, 'info' | 'error'>
}

/**
 * Appends events to the chain. The row of the day is replaced only as it was read, in the same
 * transaction, so of several servers one goes first and the others read it again.
 */
export function createChain({ statements, days, clock, log }: Dependencies) {
  /** The newest day, as this process wrote it last. */
  let known: SealedDay | undefined
  /** Where this process left the chain: nobody else may make it shorter. */
  let left: Pick<SealedDay, 'day' | 'count'> = { day: 0, count: 0 }
  /** Whether a failed statement may have been executed. */
  let isUncertain = false

  /** Writes events, each once. @throws what the database throws; a retry is safe */
  async function append(events: readonly AuditEvent[]): Promise<void> {
    let refusals = 0
    for (let attempt = 0; ; attempt++) {
      const outcome = await tryAppend(events, refusals > MANY_REFUSALS)
      if (outcome === 'written') return
      if (outcome === 'refused') refusals += 1
      await sleep(Math.random() * Math.min(attempt * 2, MAX_PAUSE_MS))
    }
  }

  /** `late`: another server was faster. `refused`: by a unique index, for a row that is there. */
  async function tryAppend(
    events: readonly AuditEvent[],
    isBlocked: boolean,
  ): Promise<'written' | 'late' | 'refused'> {
    const before = known ?? (await recall())
    known = undefined
    const missing = isUncertain ? await without(events) : events
    try {
      const after = await write(before, missing, isBlocked)
      if (!after) return 'late'
      known = after
      left = after
      isUncertain = false
      return 'written'
    } catch (error) {
      isUncertain = true
      if (isUniqueViolation(error)) return 'refused'
      throw error
    }
  }

  async function recall(): Promise<SealedDay> {
    const found = await days.newest()
    const isShorter = found.day < left.day || (found.day === left.day && found.count < left.count)
    if (isShorter) {
      log.error({ left, found: { day: found.day, count: found.count } }, 'audit events are missing')
      left = found
    }
    return found
  }

  /** Those of a failed attempt that have no row yet. */
  async function without(events: readonly AuditEvent[]): Promise<AuditEvent[]> {
    const ids = list(events.map(({ id }) => sql`${id}`))
    const rows = await statements.select<{ id: string }>(
      sql`SELECT id FROM AuditEvent WHERE id IN (${ids})`,
    )
    const written = new Set(rows.map(({ id }) => id))
    return events.filter(({ id }) => !written.has(id))
  }

  /** @returns the day as it is then, or undefined if it is not as it was read */
  async function write(
    before: SealedDay,
    events: readonly AuditEvent[],
    isBlocked: boolean,
  ): Promise<SealedDay | undefined> {
    if (events.length === 0) return before
    const today = Math.floor(clock() / DAY_MS)
    // Nothing is added under a seal that is not ours: a new day begins, and `verify` tells.
    const isSound = before.state === 'open' && days.sealState(before) === 'good'
    if (!isSound || isBlocked || today > before.day) {
      return begin(Math.max(today, before.day + 1), before, events, isSound)
    }
    const rows = chained(events, before)
    const after = days.sealed({ ...before, ...endOf(rows) })
    return (await all(replaceOf(before, after), insertEvents(rows))) ? after : undefined
  }

  /** Closes a day and begins another with these events. */
  async function begin(
    day: number,
    before: SealedDay,
    events: readonly AuditEvent[],
    isSound: boolean,
  ): Promise<SealedDay | undefined> {
    const { head: previous } = before
    const rows = chained(events, { day, count: 0, head: previous })
    const after = days.sealed({ day, ...endOf(rows), previous, state: 'open' })
    const closed = replaceOf(before, isSound ? days.sealed({ ...before, state: 'closed' }) : before)
    if (!(await all(closed, insertOf(after), insertEvents(rows)))) return undefined
    logClosed(before)
    return after
  }

  /** With the log, an operator can tell whether the end of the chain was cut off. */
  function logClosed({ day, count, head }: SealedDay): void {
    if (count > 0) log.info({ day, count, head }, 'audit day closed')
  }

  const all = (...parts: Sql[]) => statements.executeAll(parts)

  return { append }
}

/** Each row with its number and hash, behind the last one of the day. */
function chained(
  events: readonly AuditEvent[],
  { day, count, head }: Pick<SealedDay, 'day' | 'count' | 'head'>,
): ChainedEvent[] {
  let previous = head
  return events.map((event, at) => {
    const row = { ...event, ...originOf(event), day, seq: count + at + 1 }
    previous = chainHash(previous, row)
    return { ...row, hash: previous }
  })
}

/** What the day says of its last event. */
function endOf(rows: readonly ChainedEvent[]): Pick<SealedDay, 'count' | 'head'> {
  const { seq: count, hash: head } = rows.at(-1) as ChainedEvent
  return { count, head }
}

function insertEvents(rows: readonly ChainedEvent[]): Sql {
  return sql`INSERT INTO AuditEvent (id, at, type, userId, actorId, sessionId, requestId, detail,
      \`count\`, ip, userAgent, originSalt, origin, \`day\`, seq, hash)
    VALUES ${list(rows.map(values))}`
}

function values(row: ChainedEvent): Sql {
  const { id, at, type, userId, actorId, sessionId, requestId, detail, count } = row
  const { ip, userAgent, originSalt, origin, day, seq, hash } = row
  return sql`(${id}, ${at}, ${type}, ${userId}, ${actorId}, ${sessionId}, ${requestId}, ${detail},
    ${count}, ${kept(ip, row)}, ${kept(userAgent, row)}, ${kept(originSalt, row)}, ${origin},
    ${day}, ${seq}, ${hash})`
}

/** Of an account that was deleted meanwhile, nothing of where it was used is stored. */
function kept(value: string | null, row: AuditEvent): Sql {
  const owner = ownerOf(row)
  if (owner === null || value === null) return sql`${value}`
  return sql`(SELECT ${value} FROM User WHERE id = ${owner} AND username <> '')`
}
