import { BATCH, inBatches } from '../../platform/database/batches.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { sql } from '../../platform/database/sql.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import { tally } from '../../platform/paging/tally.ts'

export type EndReason =
  | 'signed_out'
  | 'revoked'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'password_reset'
  | 'factors_changed'
  | 'account_claimed'
  | 'session_limit'
  | 'expired'
  | 'account_disabled'
  | 'account_deleted'

/** After the end of every session. */
const THE_END_OF_TIME = new Date('9999-01-01T00:00:00.000Z')

/** All sessions of a user, or all but one. */
export type SessionsOfUser = { userId: UserId; except?: SessionId | undefined }

export type EndingStore = ReturnType<typeof createEndingStore>
type Dependencies = { db: Database; dialect: Dialect }

/** Statements that end and delete sessions. */
export function createEndingStore({ db, dialect }: Dependencies) {
  /**
   * Ends one session, also an expired one: a restored backup or a clock that was set back could
   * revive it.
   * @param only another condition @returns whether this call ended it
   */
  async function endOne(
    userId: UserId,
    id: SessionId,
    reason: EndReason,
    now: Date,
    only: { expiresAt?: { gt: Date } } = {},
  ): Promise<boolean> {
    const { count } = await db.session.updateMany({
      where: { id, userId, ...only, revokedAt: null },
      data: { revokedAt: now, revokedReason: reason },
    })
    return count === 1
  }

  /**
   * Ends the user's sessions, also expired ones.
   * @returns the ids of ended ones, and how many of them were live
   */
  async function endAll(
    tx: Database | Transaction,
    { userId, except }: SessionsOfUser,
    reason: EndReason,
    now: Date,
  ): Promise<{ ids: SessionId[]; live: number }> {
    const whose = { userId, ...(except ? { id: { not: except } } : {}) }
    const open = { ...whose, revokedAt: null }
    const data = { revokedAt: now, revokedReason: reason }
    const live = await tx.session.updateMany({ where: { ...open, expiresAt: { gt: now } }, data })
    const over = await tx.session.updateMany({ where: open, data })
    if (live.count + over.count === 0) return { ids: [], live: 0 }
    const ended = await tx.session.findMany({ where: { ...whose, ...data }, select: { id: true } })
    return { ids: ended.map(({ id }) => id as SessionId), live: live.count }
  }

  /**
   * Removes the user from the sessions of a closed account, in batches; the feed needs the rows.
   */
  function leave(userId: UserId): AsyncIterable<void> {
    return inBatches({
      // Done rows are no longer in the index.
      read: async () => {
        const where = { userId }
        const rows = await db.session.findMany({ where, select: { id: true }, take: BATCH })
        return rows.map(({ id }) => id)
      },
      write: (ids) =>
        db.session.updateMany({ where: { userId, id: { in: ids } }, data: { userId: null } }),
    })
  }

  /**
   * Deletes a batch of sessions that ended or expired before a moment.
   * @returns whether there may be more
   */
  async function deleteEnded(before: Date): Promise<boolean> {
    const old = { table: 'Session', before }
    const hasMoreRevoked = await deleteOldest(db, { ...old, column: 'revokedAt' })
    const hasMoreExpired = await deleteOldest(db, { ...old, column: 'expiresAt' })
    return hasMoreRevoked || hasMoreExpired
  }

  /** Live sessions of everybody, in many short statements. */
  async function countAllLive(now: Date): Promise<number> {
    const columns = ['revokedAt', 'expiresAt']
    const live = sql`revokedAt IS NULL AND expiresAt > ${now}`
    return (await tally({ db, dialect, table: 'Session', columns }, { live })).live
  }

  /** Deletes a batch of any sessions. @returns whether there may be more */
  function deleteAny(): Promise<boolean> {
    const all = { table: 'Session', column: 'expiresAt', before: THE_END_OF_TIME }
    return deleteOldest(db, all)
  }

  return { endOne, endAll, leave, deleteEnded, countAllLive, deleteAny }
}
