import type { SessionUser } from '../../contract/user.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Session, SessionWithUser } from './session.ts'

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
): Promise<SessionWithUser | undefined> {
  const whose = userId === null ? sql`` : sql` AND userId = ${userId}`
  const [row] = await select<Row>(sql`
    SELECT Session.id, userId, generation, lowestLiving, seenGeneration, rotatedAt, rotationKeyHash,
      Session.createdAt, expiresAt, endsAt, revokedAt, revokedReason, renewedAt, transport, authTime,
      amr, ip, userAgent,
      User.id AS ownerId, username, email, emailVerified, pendingEmail, secondFactor, name, locale,
      role, credentialVersion, User.createdAt AS ownerSince
    FROM Session LEFT JOIN User ON User.id = userId
    WHERE Session.id = ${id}${whose}`)
  if (!row) return undefined
  const { ownerId, ownerSince, ...both } = row
  const { username, email, emailVerified, pendingEmail, secondFactor, ...others } = both
  const { name, locale, role, credentialVersion, ...session } = others
  if (ownerId === null) return { ...session, user: null }
  const user: SessionUser = {
    ...{
      id: ownerId,
      username,
      email,
      name,
      locale,
      role,
      credentialVersion,
      createdAt: ownerSince,
    },
    // The driver returns numbers.
    emailVerified: Boolean(emailVerified),
    pendingEmail,
    secondFactor: Boolean(secondFactor),
  }
  return { ...session, user }
}
