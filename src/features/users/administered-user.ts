import { type Sql, sql } from '../../platform/database/sql.ts'
import type { User } from './user.ts'

/** An account as administrators read it: whether it has a password, and never the hash. */
export type AdministeredUser = Pick<
  User,
  | 'id'
  | 'username'
  | 'usernameKey'
  | 'email'
  | 'emailVerified'
  | 'pendingEmail'
  | 'secondFactor'
  | 'name'
  | 'locale'
  | 'role'
  | 'credentialVersion'
  | 'version'
  | 'disabledAt'
  | 'lastSignInAt'
  | 'createdAt'
> & { hasPassword: boolean; identities: number }

export const administeredColumns: Sql = sql`id, username, usernameKey, email, emailVerified,
  pendingEmail, secondFactor, name, locale, role, credentialVersion, version, disabledAt, lastSignInAt,
  createdAt, passwordHash IS NOT NULL AS hasPassword,
  (SELECT COUNT(*) FROM Identity WHERE Identity.userId = User.id) AS identities`

/** Accounts that are not being deleted. */
export const stillThere: Sql = sql`disabledAt IS NULL OR deletionDueAt IS NULL`

/** The databases return numbers for flags, and large ones for counts. */
export function administeredUser(row: AdministeredUser): AdministeredUser {
  const { emailVerified, secondFactor, hasPassword, identities } = row
  return {
    ...row,
    emailVerified: Boolean(emailVerified),
    secondFactor: Boolean(secondFactor),
    hasPassword: Boolean(hasPassword),
    identities: Number(identities),
  }
}
