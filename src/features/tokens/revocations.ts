import type { Clock } from '../../platform/clock.ts'
import type { ClusterWorker } from '../../platform/cluster/worker.ts'
import { name, type Sql, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'

export const FEED_INTERVAL_MS = 1000
/** Overlap of two polls: rows commit later than their date, and the clocks of servers differ. */
const OVERLAP_MS = 60_000
const PAGE = 5000
/** The lowest live generation of an ended session. */
export const NO_GENERATION = Number.MAX_SAFE_INTEGER

/** A session whose older generations are revoked. */
export type Revoked = { id: SessionId; lowestLiving: number }
/** Sessions to refuse from now on. */
type Refusal = { ended?: readonly SessionId[]; renewed?: readonly Revoked[] }
type Remembered = { forgetAt: number }
type After = { at: Date; id: string }

export type Revocations = ReturnType<typeof createRevocations>
type Dependencies = {
  statements: Pick<Statements, 'select'>
  clock: Clock
  accessSeconds: number
  clusterWorker?: ClusterWorker | undefined
}

/**
 * Remembers what a token cannot know: whether its session ended or was renewed, or the role
 * changed. Entries live as long as tokens. It reads the database once a second, so requests need
 * none, and a revocation holds on all servers within 2 s.
 */
export function createRevocations({
  statements,
  clock,
  accessSeconds,
  clusterWorker,
}: Dependencies) {
  const { select } = statements
  const memoryMs = accessSeconds * 1000 + OVERLAP_MS
  const revoked = new Map<string, Remembered & { lowestLiving: number }>()
  const roles = new Map<string, Remembered & { role: string }>()
  let readUpTo = 0
  clusterWorker?.answer('revoked', (sessions: Revoked[]) => rememberRevoked(sessions))

  /** Refuses the revoked tokens from now on; resolves when all workers of this server do so. */
  async function refuse({ ended = [], renewed = [] }: Refusal): Promise<void> {
    const facts = [
      ...ended.map(endedSession),
      ...renewed.map(({ id, lowestLiving }) => ({ id, lowestLiving })),
    ]
    rememberRevoked(facts)
    if (facts.length > 0) await clusterWorker?.broadcast('revoked', facts)
  }

  function rememberRevoked(sessions: readonly Revoked[], at = clock()): void {
    for (const { id, lowestLiving } of sessions) {
      if (lowestLiving <= lowestLivingOf(id)) continue
      // Deleted first, to move the entry to the end: `forget` relies on the order.
      revoked.delete(id)
      revoked.set(id, { lowestLiving, forgetAt: Math.max(at, clock()) + memoryMs })
    }
  }

  function rememberRole(userId: UserId, role: string): void {
    roles.delete(userId)
    roles.set(userId, { role, forgetAt: clock() + memoryMs })
  }

  /**
   * The lowest live generation: `NO_GENERATION` if the session has ended, 0 if nothing is known.
   */
  function lowestLivingOf(sessionId: SessionId): number {
    return revoked.get(sessionId)?.lowestLiving ?? 0
  }

  function hasOtherRole(userId: UserId, role: string): boolean {
    const known = roles.get(userId)
    return known !== undefined && known.role !== role
  }

  /** Reads the changes since the last poll; at first, all that still matter. */
  async function poll(): Promise<void> {
    const startedAt = clock()
    // After the clock went back, `forget` may have dropped live entries: read all again.
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

  function endedAfter(after: After): Promise<(After & { id: SessionId })[]> {
    return select(sql`SELECT id, revokedAt AS at FROM Session ${pageAfter('revokedAt', after)}`)
  }

  function renewedAfter(after: After): Promise<(After & Revoked)[]> {
    return select(sql`
      SELECT id, renewedAt AS at, lowestLiving FROM Session ${pageAfter('renewedAt', after)}`)
  }

  function roleChangedAfter(after: After): Promise<(After & { id: UserId; role: string })[]> {
    return select(sql`
      SELECT id, roleChangedAt AS at, role FROM User ${pageAfter('roleChangedAt', after)}`)
  }

  /** Age of the last successful poll. */
  function lagSeconds(): number {
    return Math.max(0, clock() - readUpTo) / 1000
  }

  return { refuse, rememberRole, lowestLivingOf, hasOtherRole, poll, lagSeconds }
}

function endedSession(id: SessionId): Revoked {
  return { id, lowestLiving: NO_GENERATION }
}

/** End of a statement: the next page of rows by the date of their change. */
function pageAfter(column: string, { at, id }: After): Sql {
  const date = name(column)
  return sql`WHERE ${date} >= ${at} AND (${date} > ${at} OR id > ${id})
    ORDER BY ${date}, id LIMIT ${PAGE}`
}

async function readPages<Row extends After>(
  from: Date,
  pageOf: (after: After) => Promise<Row[]>,
  remember: (row: Row) => void,
): Promise<void> {
  let after: After | undefined = { at: from, id: '' }
  while (after) {
    const page: Row[] = await pageOf(after)
    page.forEach(remember)
    after = page.length === PAGE ? page.at(-1) : undefined
  }
}

/** Deletes expired entries, which come first. */
function forget(map: Map<string, Remembered>, now: number): void {
  for (const [key, { forgetAt }] of map) {
    if (forgetAt > now) return
    map.delete(key)
  }
}
