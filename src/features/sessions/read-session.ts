import type { SessionUser } from '../../contract/user.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Session, SessionAndUser } from './session.ts'

type UserColumns = Omit<SessionUser, 'id' | 'createdAt'>
type Row = Session & UserColumns & { ownerId: UserId | null; ownerSince: Date }

/**
 * Reads a session with its user in one statement: every refresh begins with it.
 * @param userId whose it must be; null only where nobody is known yet
 */
export async function readSession(
  { select }: Statements,
  userId: UserId | null,
  id: SessionId,
): Promise<SessionAndUser | undefined> {
  const whose = userId === null ? sql`` : sql` AND userId = ${userId}`
  const [row] = await select<Row>(sql`
    SELECT Session.id, userId, generation, lowestLiving, seenGeneration, rotatedAt, rotationKeyHash,
      Session.createdAt, expiresAt, endsAt, revokedAt, revokedReason, renewedAt, transport, authTime,
      amr, ip, userAgent,
      User.id AS ownerId, username, email, emailVerified, pendingEmail, secondFactor, name, locale,
      role, credentialVersion, User.createdAt AS ownerSince
    FROM Session LEFT JOIN User ON User.id = userId
    WHERE Session.id = ${id}${whose} LIMIT 1`)
  if (row === undefined) return undefined
  const { ownerId } = row
  return { session: sessionIn(row), user: ownerId === null ? null : userIn(row, ownerId) }
}

/** Field by field: to leave some out of so many takes ten times as long. */
function sessionIn(row: Row): Session {
  return {
    id: row.id,
    userId: row.userId,
    generation: row.generation,
    lowestLiving: row.lowestLiving,
    seenGeneration: row.seenGeneration,
    rotatedAt: row.rotatedAt,
    rotationKeyHash: row.rotationKeyHash,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    endsAt: row.endsAt,
    revokedAt: row.revokedAt,
    revokedReason: row.revokedReason,
    renewedAt: row.renewedAt,
    transport: row.transport,
    authTime: row.authTime,
    amr: row.amr,
    ip: row.ip,
    userAgent: row.userAgent,
  }
}

function userIn(row: Row, id: UserId): SessionUser {
  return {
    id,
    username: row.username,
    email: row.email,
    emailVerified: Boolean(row.emailVerified),
    pendingEmail: row.pendingEmail,
    secondFactor: Boolean(row.secondFactor),
    name: row.name,
    locale: row.locale,
    role: row.role,
    credentialVersion: row.credentialVersion,
    createdAt: row.ownerSince,
  }
}
