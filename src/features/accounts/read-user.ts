import type { User } from '../../generated/sqlite/client.ts'
import { name, sql } from '../../platform/database-sql.ts'
import type { Statements } from '../../platform/database-statements.ts'

type UniqueKey = 'id' | 'usernameKey' | 'emailKey'

/** Reads the user with this unique key, or undefined: `GET /me` and every sign-in begin with it. */
export async function readUser(
  { select }: Statements,
  key: UniqueKey,
  value: string,
): Promise<User | undefined> {
  const [user] = await select<User>(
    sql`SELECT id, username, usernameKey, email, emailKey, emailVerified, name, role, roleChangedAt,
      passwordHash, credentialVersion, disabledAt, createdAt, updatedAt
    FROM User WHERE ${name(key)} = ${value}`,
  )
  // The driver has numbers for flags.
  return user && { ...user, emailVerified: Boolean(user.emailVerified) }
}
