import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Siblings } from '../../platform/siblings.ts'

/** How often `poll` is to be called. */
export const FEED_INTERVAL_MS = 1000
/**
 * How far back each question reaches before the last one: rows commit later than they are dated, and
 * the clocks of several servers differ by seconds.
 */
const OVERLAP_MS = 60_000
const PAGE = 5000

type Remembered = { forgetAt: number }
type Ended = { id: string; revokedAt: Date }
type Changed = { id: string; role: string; roleChangedAt: Date }

export type Revocations = ReturnType<typeof createRevocations>
type Needs = { db: Database; clock: Clock; accessSeconds: number; siblings?: Siblings | undefined }

/**
 * What a verified token cannot know: that its session ended, or that its owner has another role.
 * Kept in memory for as long as a token can live, and fed from the database once a second, so that
 * a verified request reads no database and a revocation on one server holds on all within 2 s.
 */
export function createRevocations({ db, clock, accessSeconds, siblings }: Needs) {
  const memoryMs = accessSeconds * 1000 + OVERLAP_MS
  const ended = new Map<string, Remembered>()
  const roles = new Map<string, Remembered & { role: string }>()
  let readUpTo = 0
  siblings?.answer('ended', (ids: string[]) => rememberEnded(ids))

  /**
   * Remembers sessions that ended on this server: their tokens are refused from now on, and by all
   * of its workers once this is resolved.
   */
  async function refuseEnded(sessionIds: readonly string[]): Promise<void> {
    rememberEnded(sessionIds)
    if (sessionIds.length > 0) await siblings?.gather('ended', sessionIds)
  }

  function rememberEnded(sessionIds: readonly string[], endedAt = clock()): void {
    for (const id of sessionIds) {
      if (!ended.has(id)) ended.set(id, { forgetAt: Math.max(endedAt, clock()) + memoryMs })
    }
  }

  function rememberRole(userId: string, role: string): void {
    // Deleted first, so that the entry moves to the end, where `forget` comes last.
    roles.delete(userId)
    roles.set(userId, { role, forgetAt: clock() + memoryMs })
  }

  function isEnded(sessionId: string): boolean {
    return ended.has(sessionId)
  }

  /** Whether the user's role is known to be another one than the token says. */
  function hasOtherRole(userId: string, role: string): boolean {
    const known = roles.get(userId)
    return known !== undefined && known.role !== role
  }

  /** Asks the database what ended since the last time; the first time, all that still matters. */
  async function poll(): Promise<void> {
    const startedAt = clock()
    // A clock that went back may have made `forget` drop what still matters: read all of it again.
    const isContinued = readUpTo > 0 && startedAt >= readUpTo
    const from = isContinued ? readUpTo - OVERLAP_MS : startedAt - memoryMs
    await readEnded(new Date(from))
    await readRoles(new Date(from))
    readUpTo = startedAt
    forget(ended, startedAt)
    forget(roles, startedAt)
  }

  async function readEnded(from: Date): Promise<void> {
    let last: Ended | undefined
    do {
      const page = await endedAfter(last ?? { revokedAt: from, id: '' })
      for (const { id, revokedAt } of page) rememberEnded([id], revokedAt.getTime())
      last = page.length === PAGE ? page.at(-1) : undefined
    } while (last)
  }

  async function endedAfter({ revokedAt, id }: Ended): Promise<Ended[]> {
    const rows = await db.session.findMany({
      where: {
        revokedAt: { gte: revokedAt },
        OR: [{ revokedAt, id: { gt: id } }, { revokedAt: { gt: revokedAt } }],
      },
      orderBy: [{ revokedAt: 'asc' }, { id: 'asc' }],
      take: PAGE,
      select: { id: true, revokedAt: true },
    })
    return rows.filter((row): row is Ended => row.revokedAt !== null)
  }

  async function readRoles(from: Date): Promise<void> {
    let last: Changed | undefined
    do {
      const page = await changedAfter(last ?? { roleChangedAt: from, id: '' })
      for (const { id, role } of page) rememberRole(id, role)
      last = page.length === PAGE ? page.at(-1) : undefined
    } while (last)
  }

  async function changedAfter({ roleChangedAt, id }: Omit<Changed, 'role'>): Promise<Changed[]> {
    const rows = await db.user.findMany({
      where: {
        roleChangedAt: { gte: roleChangedAt },
        OR: [{ roleChangedAt, id: { gt: id } }, { roleChangedAt: { gt: roleChangedAt } }],
      },
      orderBy: [{ roleChangedAt: 'asc' }, { id: 'asc' }],
      take: PAGE,
      select: { id: true, role: true, roleChangedAt: true },
    })
    return rows.filter((row): row is Changed => row.roleChangedAt !== null)
  }

  /** Seconds since the feed was read with success. */
  function lagSeconds(): number {
    return Math.max(0, clock() - readUpTo) / 1000
  }

  return { refuseEnded, rememberRole, isEnded, hasOtherRole, poll, lagSeconds }
}

/** Entries are in the order in which they came, and so in the order in which they may go. */
function forget(map: Map<string, Remembered>, now: number): void {
  for (const [key, { forgetAt }] of map) {
    if (forgetAt > now) return
    map.delete(key)
  }
}
