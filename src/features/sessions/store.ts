import type { Database, Transaction } from '../../platform/database/database.ts'
import { type Sql, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { SignInTime } from '../users/sign-in-time.ts'
import { readSession } from './read-session.ts'
import { type OwnedSession, type Session, type SessionAndUser, sessionOf } from './session.ts'

/** Maximum of live sessions for each user; the oldest ends. */
const SESSIONS_PER_USER = 100

export type Rotation = Pick<
  Session,
  'generation' | 'rotatedAt' | 'rotationKeyHash' | 'expiresAt' | 'ip' | 'userAgent'
>

type Renewal = Device & { now: Date; expiresAt: Date; amr: string; keyHash: string | null }

export type SessionStore = ReturnType<typeof createSessionStore>

type Dependencies = { db: Database; statements: Statements; signInTime: SignInTime }

/**
 * Statements on the Session table. Each decides by itself: none reads first and writes later. Each
 * names the user, too, so that a database that is split by user needs to ask one part only.
 */
export function createSessionStore({ db, statements, signInTime }: Dependencies) {
  /**
   * Creates a session if the checked credentials are still current: a sign-in must not survive a
   * change of password that commits meanwhile. @param only another condition
   */
  function open(session: OwnedSession, credentialVersion: number, only?: Sql): Promise<boolean> {
    const { userId, createdAt: at } = session
    const signIn = signInTime({ userId, credentialVersion, at }, only)
    return statements.executeAll([signIn, insertOf(session)])
  }

  /** Like `open`, in a transaction of the caller. */
  async function openIn(
    tx: Transaction,
    session: OwnedSession,
    credentialVersion: number,
    only: Sql,
  ): Promise<boolean> {
    const { userId, createdAt: at } = session
    const count = await tx.$executeRaw(signInTime({ userId, credentialVersion, at }, only))
    if (count === 1) await tx.$executeRaw(insertOf(session))
    return count === 1
  }

  /** Like `open`, if the user has fewer live sessions than the limit. */
  function openWithinLimit(session: OwnedSession, credentialVersion: number): Promise<boolean> {
    const { userId, createdAt } = session
    const hasRoom = sql`(
      SELECT COUNT(*) FROM Session
      WHERE userId = ${userId} AND revokedAt IS NULL AND expiresAt > ${createdAt}
    ) < ${SESSIONS_PER_USER}`
    return open(session, credentialVersion, hasRoom)
  }

  /** @param userId null only where nobody is known yet */
  function find(userId: UserId | null, id: SessionId): Promise<SessionAndUser | undefined> {
    return readSession(statements, userId, id)
  }

  /** Live sessions of the user, latest first. */
  async function listLive(userId: UserId, now: Date): Promise<Session[]> {
    const rows = await db.session.findMany({
      where: { userId, revokedAt: null, expiresAt: { gt: now } },
      orderBy: [{ rotatedAt: 'desc' }, { id: 'desc' }],
      take: SESSIONS_PER_USER,
    })
    return rows.map(sessionOf)
  }

  function countLive(userId: UserId, now: Date): Promise<number> {
    return db.session.count({ where: { userId, revokedAt: null, expiresAt: { gt: now } } })
  }

  async function beyondLimit(userId: UserId, now: Date): Promise<SessionId[]> {
    const rows = await statements.select<{ id: SessionId }>(sql`
      SELECT id FROM Session WHERE userId = ${userId} AND revokedAt IS NULL AND expiresAt > ${now}
      ORDER BY createdAt DESC, id DESC LIMIT ${SESSIONS_PER_USER} OFFSET ${SESSIONS_PER_USER}`)
    return rows.map((row) => row.id)
  }

  /**
   * Moves a session to the next generation. Of parallel requests, on any server, one succeeds.
   * @returns whether this one did
   */
  async function rotate(
    { id, userId, generation }: Pick<Session, 'id' | 'userId' | 'generation'>,
    next: Rotation,
  ): Promise<boolean> {
    const { rotatedAt, rotationKeyHash, expiresAt, ip, userAgent } = next
    const count = await statements.execute(sql`
      UPDATE Session SET generation = ${next.generation}, rotatedAt = ${rotatedAt},
        rotationKeyHash = ${rotationKeyHash}, expiresAt = ${expiresAt}, ip = ${ip}, userAgent = ${userAgent}
      WHERE id = ${id} AND userId = ${userId} AND generation = ${generation}
        AND revokedAt IS NULL AND endsAt > ${rotatedAt}`)
    return count === 1
  }

  /**
   * Starts the next generation after a new proof of identity, and revokes all older ones.
   * @returns whether the session was live
   */
  async function renew(
    tx: Transaction,
    userId: UserId,
    id: SessionId,
    { now, expiresAt, amr, keyHash, ip, userAgent }: Renewal,
  ): Promise<boolean> {
    // The lowest generation comes first: databases may assign from left to right.
    const count = await tx.$executeRaw(sql`
      UPDATE Session SET lowestLiving = generation + 1, generation = generation + 1,
        rotatedAt = ${now}, renewedAt = ${now}, authTime = ${now}, amr = ${amr},
        rotationKeyHash = ${keyHash},
        expiresAt = ${expiresAt}, ip = ${ip}, userAgent = ${userAgent}
      WHERE id = ${id} AND userId = ${userId} AND revokedAt IS NULL AND expiresAt > ${now}`)
    return count === 1
  }

  /**
   * Locks a live session until the transaction ends, so that nothing ends it in between. It always
   * changes the row: in a cluster, only writes to the same row conflict.
   * @returns whether it is live
   */
  async function hold(tx: Transaction, userId: UserId, id: SessionId, now: Date): Promise<boolean> {
    const later = new Date(now.getTime() + 1)
    const count = await tx.$executeRaw(sql`
      UPDATE Session SET heldAt = CASE WHEN heldAt = ${now} THEN ${later} ELSE ${now} END
      WHERE id = ${id} AND userId = ${userId} AND revokedAt IS NULL AND expiresAt > ${now}`)
    return count === 1
  }

  /** Marks a generation as seen, unless it is no longer current. */
  async function markSeen(userId: UserId, id: SessionId, generation: number): Promise<void> {
    await statements.execute(sql`
      UPDATE Session SET seenGeneration = ${generation}
      WHERE id = ${id} AND userId = ${userId} AND generation = ${generation}
        AND seenGeneration < ${generation}`)
  }

  return {
    ...{ open, openIn, openWithinLimit, find, listLive, countLive, beyondLimit },
    ...{ rotate, markSeen, renew, hold },
  }
}

export function insertOf(session: Session): Sql {
  const { id, userId, generation, rotatedAt, createdAt, expiresAt, endsAt } = session
  const { transport, authTime, amr, ip, userAgent } = session
  return sql`
    INSERT INTO Session (id, userId, generation, rotatedAt, createdAt, expiresAt, endsAt, transport,
      authTime, amr, ip, userAgent)
    VALUES (${id}, ${userId}, ${generation}, ${rotatedAt}, ${createdAt}, ${expiresAt}, ${endsAt},
      ${transport}, ${authTime}, ${amr}, ${ip}, ${userAgent})`
}
