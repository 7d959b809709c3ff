import type { User as UserRow } from '../../generated/sqlite/client.ts'
import { searchText } from '../../platform/database/search-text.ts'
import type { UserId } from '../../platform/ids.ts'

/** A row of the User table. */
export type User = Omit<UserRow, 'id'> & { id: UserId }

export type ProfileColumns = Partial<
  Pick<
    User,
    | 'username'
    | 'usernameKey'
    | 'email'
    | 'emailKey'
    | 'emailVerified'
    | 'pendingEmail'
    | 'pendingEmailKey'
    | 'name'
    | 'locale'
  >
>

/** No change of the address is in progress. */
export const NO_PENDING_EMAIL = { pendingEmail: null, pendingEmailKey: null }

/** In every change that administrators see. */
export const touchedAt = (at: Date) => ({ version: { increment: 1 }, updatedAt: at })

/** With the column that searches compare, where the name changes. */
export function withSearchName<Columns extends { name?: string | null }>(columns: Columns) {
  const { name } = columns
  if (name === undefined) return columns
  return { ...columns, searchName: name === null ? null : searchText(name) }
}
