import type { SessionUser } from '../../contract/user.ts'
import { name, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { UserId } from '../../platform/ids.ts'
import type { User } from './user.ts'

type UniqueKey = 'id' | 'usernameKey' | 'emailKey'

/** Reads a user by a unique key, in plain SQL: every sign-in begins with it. */
export async function readUser(
  { select }: Statements,
  key: UniqueKey,
  value: string,
): Promise<User | undefined> {
  const [user] = await select<User>(
    sql`SELECT id, username, usernameKey, email, emailKey, emailVerified, verifiedElsewhere,
      pendingEmail, pendingEmailKey, secondFactor, name, locale, role, roleChangedAt, passwordHash,
      credentialVersion, disabledAt, deletionDueAt, lastSignInAt, createdAt, updatedAt
    FROM User WHERE ${name(key)} = ${value} LIMIT 1`,
  )
  return user && { ...withFlags(user), verifiedElsewhere: Boolean(user.verifiedElsewhere) }
}

/** Reads what the owner of an open account sees: each column more costs `GET /me` time. */
export async function readProfile(
  { select }: Statements,
  id: UserId,
): Promise<SessionUser | undefined> {
  const [user] = await select<SessionUser>(
    sql`SELECT id, username, email, emailVerified, pendingEmail, secondFactor, name, locale,
      role, credentialVersion, createdAt
    FROM User WHERE id = ${id} AND disabledAt IS NULL LIMIT 1`,
  )
  return user && withFlags(user)
}

/** The driver returns numbers. */
function withFlags<Row extends { emailVerified: boolean; secondFactor: boolean }>(row: Row): Row {
  const { emailVerified, secondFactor } = row
  return { ...row, emailVerified: Boolean(emailVerified), secondFactor: Boolean(secondFactor) }
}
