import type { Session } from '../../generated/sqlite/client.ts'
import type { Database, Transaction } from '../../platform/database.ts'
import { sql } from '../../platform/database-sql.ts'
import type { Statements } from '../../platform/database-statements.ts'
import { deleteOldest } from '../../platform/delete-oldest.ts'
import type { Device } from '../../platform/device.ts'
import { type OwnedSession, readSession } from './read-session.ts'

export type EndReason =
  | 'signed_out'
  | 'revoked'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'session_limit'
  | 'expired'
  | 'account_disabled'
  | 'account_deleted'

/** Sessions that live at once for one user; beyond that the oldest ends. */
const SESSIONS_PER_USER = 100

export type Rotation = Pick<
  Session,
  'generation' | 'rotatedAt' | 'rotationKeyHash' | 'expiresAt' | 'ip' | 'userAgent'
>

export type SessionStore = ReturnType<typeof createSessionStore>

/** The statements on the Session table. Each decides by itself: none reads first and writes later. */
export function createSessionStore(db: Database, statements: Statements) {
  /**
   * Creates the session if the user's credentials are still the ones that were checked: a sign-in
   * must not outlive a change of password that commits in between.
   * @returns whether it was created
   */
  async function insert(
    session: Session,
    credentialVersion: number,
    execute: Statements['execute'] = statements.execute,
  ): Promise<boolean> {
    const { id, userId, generation, rotatedAt, createdAt, expiresAt, endsAt } = session
    const { transport, authTime, amr, ip, userAgent } = session
    const count = await execute(sql`
      INSERT INTO \`Session\` (\`id\`, \`userId\`, \`generation\`, \`rotatedAt\`, \`createdAt\`, \`expiresAt\`,
        \`endsAt\`, \`transport\`, \`authTime\`, \`amr\`, \`ip\`, \`userAgent\`)
      SELECT ${id}, \`id\`, ${generation}, ${rotatedAt}, ${createdAt}, ${expiresAt},
        ${endsAt}, ${transport}, ${authTime}, ${amr}, ${ip}, ${userAgent}
      FROM \`User\`
      WHERE \`id\` = ${userId} AND \`credentialVersion\` = ${credentialVersion} AND \`disabledAt\` IS NULL`)
    return count === 1
  }

  function find(id: string): Promise<OwnedSession | null> {
    return readSession(statements, id)
  }

  /** The user's live sessions, latest first; never more than a user can have. */
  function listLive(userId: string, now: Date): Promise<Session[]> {
    return db.session.findMany({
      where: { userId, revokedAt: null, expiresAt: { gt: now } },
      orderBy: [{ rotatedAt: 'desc' }, { id: 'desc' }],
      take: SESSIONS_PER_USER,
    })
  }

  function countLive(userId: string, now: Date): Promise<number> {
    return db.session.count({ where: { userId, revokedAt: null, expiresAt: { gt: now } } })
  }

  /** The ids of the user's sessions beyond the limit, oldest ones. */
  async function beyondLimit(userId: string, now: Date): Promise<string[]> {
    const rows = await statements.select<{ id: string }>(sql`
      SELECT id FROM Session WHERE userId = ${userId} AND revokedAt IS NULL AND expiresAt > ${now}
      ORDER BY createdAt DESC, id DESC LIMIT ${SESSIONS_PER_USER} OFFSET ${SESSIONS_PER_USER}`)
    return rows.map((row) => row.id)
  }

  /**
   * Moves a session from the generation that was read to the next one. Of several requests at once,
   * on however many servers, one changes the row.
   * @returns whether this one did
   */
  async function rotate(
    { id, generation }: Pick<Session, 'id' | 'generation'>,
    next: Rotation,
  ): Promise<boolean> {
    const { rotatedAt, rotationKeyHash, expiresAt, ip, userAgent } = next
    const count = await statements.execute(sql`
      UPDATE Session SET generation = ${next.generation}, rotatedAt = ${rotatedAt},
        rotationKeyHash = ${rotationKeyHash}, expiresAt = ${expiresAt}, ip = ${ip}, userAgent = ${userAgent}
      WHERE id = ${id} AND generation = ${generation} AND revokedAt IS NULL AND endsAt > ${rotatedAt}`)
    return count === 1
  }

  /**
   * Starts the next generation whatever the present one is, after a new proof of identity, and makes it
   * the lowest one that lives.
   * @returns whether the session was live
   */
  async function renew(
    tx: Transaction,
    id: string,
    expiresAt: Date,
    now: Date,
    { ip, userAgent }: Device,
  ): Promise<boolean> {
    // MySQL assigns from left to right: the lowest generation is computed before the current one grows.
    const count = await tx.$executeRaw(sql`
      UPDATE Session SET lowestLiving = generation + 1, generation = generation + 1,
        rotatedAt = ${now}, renewedAt = ${now}, authTime = ${now}, rotationKeyHash = NULL,
        expiresAt = ${expiresAt}, ip = ${ip}, userAgent = ${userAgent}
      WHERE id = ${id} AND revokedAt IS NULL AND expiresAt > ${now}`)
    return count === 1
  }

  /**
   * Writes down that a token of this generation was seen. A generation that is not current any more is
   * passed over, so a late note never marks its successor.
   */
  async function markSeen(id: string, generation: number): Promise<void> {
    await statements.execute(sql`
      UPDATE Session SET seenGeneration = ${generation}
      WHERE id = ${id} AND generation = ${generation} AND seenGeneration < ${generation}`)
  }

  /**
   * Ends one session. Its time may be over: a token that outlived a restored backup could still carry
   * it on, and so could a clock that is set back.
   * @param only what must hold for it beside, such as whose it is
   * @returns whether this call ended it
   */
  async function endOne(
    id: string,
    reason: EndReason,
    now: Date,
    only: { userId?: string; expiresAt?: { gt: Date } } = {},
  ): Promise<boolean> {
    const { count } = await db.session.updateMany({
      where: { id, ...only, revokedAt: null },
      data: { revokedAt: now, revokedReason: reason },
    })
    return count === 1
  }

  /**
   * Ends the user's sessions, those whose time is over, too.
   * @param except the session to keep, or undefined to end all
   * @returns the ids of what ended, and how many of them were live
   */
  async function endAll(
    tx: Database | Transaction,
    { userId, except }: { userId: string; except?: string | undefined },
    reason: EndReason,
    now: Date,
  ): Promise<{ ids: string[]; live: number }> {
    const whose = { userId, ...(except ? { id: { not: except } } : {}) }
    const open = { ...whose, revokedAt: null }
    const data = { revokedAt: now, revokedReason: reason }
    const live = await tx.session.updateMany({ where: { ...open, expiresAt: { gt: now } }, data })
    const over = await tx.session.updateMany({ where: open, data })
    if (live.count + over.count === 0) return { ids: [], live: 0 }
    const ended = await tx.session.findMany({ where: { ...whose, ...data }, select: { id: true } })
    return { ids: ended.map(({ id }) => id), live: live.count }
  }

  /**
   * Deletes sessions that were over before the given moment, a bounded number at a time.
   * @returns whether there may be more
   */
  async function deleteOver(before: Date, batch: number): Promise<boolean> {
    const old = { table: 'Session', before, batch }
    const hasMoreRevoked = await deleteOldest(db, { ...old, column: 'revokedAt' })
    const hasMoreExpired = await deleteOldest(db, { ...old, column: 'expiresAt' })
    return hasMoreRevoked || hasMoreExpired
  }

  return {
    insert,
    find,
    listLive,
    countLive,
    beyondLimit,
    rotate,
    markSeen,
    renew,
    endOne,
    endAll,
    deleteOver,
  }
}
