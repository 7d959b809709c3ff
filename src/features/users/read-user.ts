import { name, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { User } from './user.ts'

type UniqueKey = 'id' | 'usernameKey' | 'emailKey'

/** Reads a user by a unique key, in plain SQL: `GET /me` and every sign-in begin with it. */
export async function readUser(
  { select }: Statements,
  key: UniqueKey,
  value: string,
): Promise<User | undefined> {
  const [user] = await select<User>(
    sql`SELECT id, username, usernameKey, email, emailKey, emailVerified, pendingEmail,
      pendingEmailKey, name, role, roleChangedAt, passwordHash, credentialVersion, disabledAt, lastSignInAt, createdAt, updatedAt
    FROM User WHERE ${name(key)} = ${value}`,
  )
  // The driver returns numbers.
  return user && { ...user, emailVerified: Boolean(user.emailVerified) }
}
