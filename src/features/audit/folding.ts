import { networkOf } from '../../platform/network.ts'
import type { AuditEvent } from './event.ts'

/** Events of one type, code and user that have their own row in a day. */
const ROWS_A_DAY = 100
/** Users and networks with a count; the one without events for longest is evicted. */
const MAX_KEYS = 20_000
const DAY_MS = 86_400_000

/** Details that are one of few codes, as why a sign-in failed. */
const CODE = /^[a-z_]{1,30}$/
/** Events of administrators always have their own row: they are few, and nobody may hide one. */
const NEVER_FOLDED = /_by_admin$/

type Seen = { count: number; waiting?: AuditEvent | undefined }

/**
 * Keeps anybody from filling the table: of one type, code and user (or network, for unknown users)
 * the first hundred events of a day have a row each. The others wait in memory for a common one.
 */
export function createFolding() {
  const seen = new Map<string, Seen>()

  /** @returns the rows to write now: the event, unless it waits, and what was evicted for it */
  function add(event: AuditEvent): AuditEvent[] {
    if (isOfAdmin(event)) return [event]
    const key = keyOf(event)
    const { count, waiting } = seen.get(key) ?? { count: 0 }
    const folded = { ...event, count: (waiting?.count ?? 0) + 1 }
    const isSingle = count < ROWS_A_DAY
    // Deleted first, to move the key to the end, where it is evicted last.
    seen.delete(key)
    seen.set(key, { count: count + 1, waiting: isSingle ? undefined : folded })
    return [...evicted(), ...(isSingle ? [event] : [])]
  }

  function evicted(): AuditEvent[] {
    if (seen.size <= MAX_KEYS) return []
    for (const [key, { waiting }] of seen) {
      seen.delete(key)
      return waiting ? [waiting] : []
    }
    return []
  }

  /** @returns a row for each type and user whose events wait */
  function take(): AuditEvent[] {
    const rows: AuditEvent[] = []
    for (const one of seen.values()) {
      if (one.waiting) rows.push(one.waiting)
      one.waiting = undefined
    }
    return rows
  }

  return { add, take }
}

function isOfAdmin({ type, userId, actorId }: AuditEvent): boolean {
  return NEVER_FOLDED.test(type) || (actorId !== null && actorId !== userId)
}

function keyOf({ at, type, detail, userId, ip }: AuditEvent): string {
  const day = Math.floor(at.getTime() / DAY_MS)
  const code = detail !== null && CODE.test(detail) ? detail : ''
  return `${day} ${type} ${code} ${userId ?? networkOf(ip ?? '')}`
}
