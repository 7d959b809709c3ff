import type { Session, User } from '../../generated/sqlite/client.ts'
import { sql } from '../../platform/database-sql.ts'
import type { Statements } from '../../platform/database-statements.ts'

/** What a session's answers show and sign of its user. */
export type Owner = Pick<
  User,
  | 'id'
  | 'username'
  | 'email'
  | 'emailVerified'
  | 'name'
  | 'role'
  | 'credentialVersion'
  | 'createdAt'
>

/** A session, and its user as long as there is one. */
export type OwnedSession = Session & { user: Owner | null }

type Row = Session & Omit<Owner, 'id' | 'createdAt'> & { ownerId: string | null; ownerSince: Date }

/** Reads a session with its user, in one statement: every refresh begins with it. */
export async function readSession(
  { select }: Statements,
  id: string,
): Promise<OwnedSession | null> {
  const [row] = await select<Row>(sql`
    SELECT Session.id, userId, generation, lowestLiving, seenGeneration, rotatedAt, rotationKeyHash,
      Session.createdAt, expiresAt, endsAt, revokedAt, revokedReason, renewedAt, transport, authTime,
      amr, ip, userAgent,
      User.id AS ownerId, username, email, emailVerified, name, role, credentialVersion,
      User.createdAt AS ownerSince
    FROM Session LEFT JOIN User ON User.id = userId
    WHERE Session.id = ${id}`)
  if (!row) return null
  const { ownerId, ownerSince, ...both } = row
  const { username, email, emailVerified, name, role, credentialVersion, ...session } = both
  if (ownerId === null) return { ...session, user: null }
  const user: Owner = {
    ...{ id: ownerId, username, email, name, role, credentialVersion, createdAt: ownerSince },
    // The driver has numbers for flags.
    emailVerified: Boolean(emailVerified),
  }
  return { ...session, user }
}
