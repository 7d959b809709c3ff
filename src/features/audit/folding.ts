import { createHash } from 'node:crypto'
import { networkOf } from '../../platform/network.ts'

/** Events of one type and user that have their own row in a day. */
const ROWS_A_DAY = 100
/** Users and networks with a count; the one without events for longest is evicted. */
const MAX_KEYS = 20_000
const DAY_MS = 86_400_000

type Event = { at: number; type: string; userId: string | null; ip: string | null }

/** Events of administrators always have their own row: they are few, and nobody may hide one. */
const NEVER_FOLDED = /_by_admin$/

/**
 * Decides which events of a day share one row with a count, so that nobody can fill the table: of
 * one type and user (or network, for unknown users) the first hundred have their own. Each process
 * counts from its start; all share the counting row.
 */
export function createFolding() {
  const seen = new Map<string, number>()

  /** @returns the id of the counting row, or undefined for an event with its own row */
  function foldedInto({ at, type, userId, ip }: Event): string | undefined {
    if (NEVER_FOLDED.test(type)) return undefined
    const day = Math.floor(at / DAY_MS)
    const key = `${day} ${type} ${userId ?? networkOf(ip ?? '')}`
    const count = (seen.get(key) ?? 0) + 1
    // Deleted first, to move the key to the end, where it is evicted last.
    seen.delete(key)
    seen.set(key, count)
    if (seen.size > MAX_KEYS) dropFirst()
    return count > ROWS_A_DAY ? idOf(day * DAY_MS, key) : undefined
  }

  function dropFirst(): void {
    for (const key of seen.keys()) {
      seen.delete(key)
      return
    }
  }

  return { foldedInto }
}

/** The same id on every server: a UUID of version 8, ordered by time (RFC 9562 5.8). */
function idOf(milliseconds: number, key: string): string {
  const time = milliseconds.toString(16).padStart(12, '0')
  const digest = createHash('sha256').update(key).digest('hex')
  const parts = [time.slice(0, 8), time.slice(8), `8${digest.slice(0, 3)}`]
  return [...parts, `8${digest.slice(3, 6)}`, digest.slice(6, 18)].join('-')
}
