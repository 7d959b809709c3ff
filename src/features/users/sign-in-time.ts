import { all, type Sql, sql } from '../../platform/database/sql.ts'
import type { UserId } from '../../platform/ids.ts'
import type { User } from './user.ts'

type SignIn = {
  userId: UserId
  /** Of the credentials that were checked. */
  credentialVersion: User['credentialVersion']
  at: Date
}

export type SignInTime = typeof signInTime

/**
 * Statement that writes the time of a sign-in. It finds no row if the password has changed or the
 * account is closed. It comes first in a transaction, and always changes the row: in a cluster,
 * only writes to the same row conflict. @param only another condition
 */
export function signInTime({ userId, credentialVersion, at }: SignIn, only?: Sql): Sql {
  const later = new Date(at.getTime() + 1)
  const isSame = sql`id = ${userId} AND credentialVersion = ${credentialVersion} AND disabledAt IS NULL`
  return sql`
    UPDATE User SET lastSignInAt = CASE WHEN lastSignInAt = ${at} THEN ${later} ELSE ${at} END
    WHERE ${all(isSame, only)}`
}
