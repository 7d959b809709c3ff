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
/** The lowest living generation of a session that has none: it has ended. */
export const NO_GENERATION = Number.MAX_SAFE_INTEGER

/** A session whose tokens below a generation are dead. */
export type Revoked = { id: string; lowestLiving: number }
type Remembered = { forgetAt: number }
/** A row that the feed reads, and when what it tells happened. */
type Dated = { id: string; at: Date | null }
type After = { at: Date; id: string }

export type Revocations = ReturnType<typeof createRevocations>
type Needs = { db: Database; clock: Clock; accessSeconds: number; siblings?: Siblings | undefined }

/**
 * What a verified token cannot know: that its session ended or was renewed, or that its owner has
 * another role. Kept in memory for as long as a token can live, and fed from the database once a
 * second, so that a verified request reads no database and a revocation on one server holds on all
 * within 2 s.
 */
export function createRevocations({ db, clock, accessSeconds, siblings }: Needs) {
  const memoryMs = accessSeconds * 1000 + OVERLAP_MS
  const revoked = new Map<string, Remembered & { lowestLiving: number }>()
  const roles = new Map<string, Remembered & { role: string }>()
  let readUpTo = 0
  siblings?.answer('revoked', (sessions: Revoked[]) => rememberRevoked(sessions))

  /**
   * Remembers sessions that ended or were renewed on this server: their dead tokens are refused from
   * now on, and by all of its workers once this is resolved.
   */
  async function refuse(sessions: readonly Revoked[]): Promise<void> {
    const facts = sessions.map(({ id, lowestLiving }) => ({ id, lowestLiving }))
    rememberRevoked(facts)
    if (facts.length > 0) await siblings?.gather('revoked', facts)
  }

  function rememberRevoked(sessions: readonly Revoked[], at = clock()): void {
    for (const { id, lowestLiving } of sessions) {
      if (lowestLiving <= lowestLivingOf(id)) continue
      // Deleted first, so that the entry moves to the end, where `forget` comes last.
      revoked.delete(id)
      revoked.set(id, { lowestLiving, forgetAt: Math.max(at, clock()) + memoryMs })
    }
  }

  function rememberRole(userId: string, role: string): void {
    roles.delete(userId)
    roles.set(userId, { role, forgetAt: clock() + memoryMs })
  }

  /**
   * The lowest generation of the session whose access tokens live: `NO_GENERATION` when it has ended,
   * 0 when nothing is known against any.
   */
  function lowestLivingOf(sessionId: string): number {
    return revoked.get(sessionId)?.lowestLiving ?? 0
  }

  /** Whether the user's role is known to be another one than the token says. */
  function hasOtherRole(userId: string, role: string): boolean {
    const known = roles.get(userId)
    return known !== undefined && known.role !== role
  }

  /** Asks the database what changed since the last time; the first time, all that still matters. */
  async function poll(): Promise<void> {
    const startedAt = clock()
    // A clock that went back may have made `forget` drop what still matters: read all of it again.
    const isContinued = readUpTo > 0 && startedAt >= readUpTo
    const from = new Date(isContinued ? readUpTo - OVERLAP_MS : startedAt - memoryMs)
    await readPages(from, endedAfter, ({ id, at }) =>
      rememberRevoked([endedSession(id)], at.getTime()),
    )
    await readPages(from, renewedAfter, ({ id, lowestLiving, at }) =>
      rememberRevoked([{ id, lowestLiving }], at.getTime()),
    )
    await readPages(from, roleChangedAfter, ({ id, role }) => rememberRole(id, role))
    readUpTo = startedAt
    forget(revoked, startedAt)
    forget(roles, startedAt)
  }

  async function endedAfter(after: After): Promise<Dated[]> {
    const rows = await db.session.findMany({
      ...pageAfter('revokedAt', after),
      select: { id: true, revokedAt: true },
    })
    return rows.map(({ id, revokedAt }) => ({ id, at: revokedAt }))
  }

  async function renewedAfter(after: After): Promise<(Dated & Revoked)[]> {
    const rows = await db.session.findMany({
      ...pageAfter('renewedAt', after),
      select: { id: true, renewedAt: true, lowestLiving: true },
    })
    return rows.map(({ renewedAt, ...session }) => ({ ...session, at: renewedAt }))
  }

  async function roleChangedAfter(after: After): Promise<(Dated & { role: string })[]> {
    const rows = await db.user.findMany({
      ...pageAfter('roleChangedAt', after),
      select: { id: true, roleChangedAt: true, role: true },
    })
    return rows.map(({ roleChangedAt, ...user }) => ({ ...user, at: roleChangedAt }))
  }

  /** Seconds since the feed was read with success. */
  function lagSeconds(): number {
    return Math.max(0, clock() - readUpTo) / 1000
  }

  return { refuse, rememberRole, lowestLivingOf, hasOtherRole, poll, lagSeconds }
}

/** A session that has ended, as `refuse` takes it. */
export function endedSession(id: string): Revoked {
  return { id, lowestLiving: NO_GENERATION }
}

/** Part of a query: the next page of rows in the order of a date that says when they changed. */
function pageAfter<Column extends string>(column: Column, { at, id }: After) {
  const is = <Value>(value: Value) => ({ [column]: value }) as Record<Column, Value>
  return {
    where: { ...is({ gte: at }), OR: [{ ...is(at), id: { gt: id } }, is({ gt: at })] },
    orderBy: [is('asc' as const), { id: 'asc' as const }],
    take: PAGE,
  }
}

/** Reads all rows that changed since a moment, page by page. */
async function readPages<Row extends Dated>(
  from: Date,
  pageOf: (after: After) => Promise<Row[]>,
  remember: (row: Row & After) => void,
): Promise<void> {
  let after: After | undefined = { at: from, id: '' }
  while (after) {
    const page: Row[] = await pageOf(after)
    const rows = page.filter((row): row is Row & After => row.at !== null)
    rows.forEach(remember)
    after = page.length === PAGE ? rows.at(-1) : undefined
  }
}

/** Entries are in the order in which they came, and so in the order in which they may go. */
function forget(map: Map<string, Remembered>, now: number): void {
  for (const [key, { forgetAt }] of map) {
    if (forgetAt > now) return
    map.delete(key)
  }
}
