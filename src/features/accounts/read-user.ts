import type { User } from '../../generated/sqlite/client.ts'
import type { Database } from '../../platform/database.ts'
import { name, sql } from '../../platform/database-sql.ts'

type UniqueKey = 'id' | 'usernameKey' | 'emailKey'

/**
 * Reads the user with this unique key, or undefined. A statement of its own, since `GET /me` and every
 * sign-in wait for it, and a model call takes three times as long.
 */
export async function readUser(
  db: Database,
  key: UniqueKey,
  value: string,
): Promise<User | undefined> {
  const [user] = await db.$queryRaw<User[]>(
    sql`SELECT id, username, usernameKey, email, emailKey, emailVerified, name, role, roleChangedAt,
      passwordHash, credentialVersion, disabledAt, createdAt, updatedAt
    FROM User WHERE ${name(key)} = ${value}`,
  )
  // MySQL has numbers for flags.
  return user && { ...user, emailVerified: Boolean(user.emailVerified) }
}
