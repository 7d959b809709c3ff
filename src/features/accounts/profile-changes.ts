import type { Text } from '../../languages/text.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { ValidationFailed } from '../../platform/errors/table.ts'
import { emailColumns, emailKey, usernameColumns } from '../../platform/identity.ts'
import type { ProfileColumns, User } from '../users/user.ts'

/** The fields of a profile in a request. */
export type ProfileChanges = { username?: string; email?: string; name?: string | null }

/**
 * Columns that differ from the account, also in spelling only.
 * @param needsProof whether another address waits for its proof before it replaces a verified one
 */
export function changedColumns(
  user: User,
  changes: ProfileChanges,
  needsProof: boolean,
): ProfileColumns {
  const { username = user.username, email, name = user.name } = changes
  return {
    ...(username === user.username ? {} : usernameColumns(username)),
    ...(email === undefined ? {} : changedEmail(user, email, needsProof)),
    ...(name === user.name ? {} : { name }),
  }
}

/** The present address, named while a change is pending, ends that change. */
function changedEmail(user: User, email: string, needsProof: boolean): ProfileColumns {
  const isOther = emailKey(email) !== user.emailKey
  if (isOther && needsProof && user.emailVerified) {
    if (email === user.pendingEmail) return {}
    return { pendingEmail: email, pendingEmailKey: emailKey(email) }
  }
  return {
    ...(email === user.email ? {} : emailColumns(email)),
    ...(isOther ? { emailVerified: false } : {}),
    ...(user.pendingEmail === null ? {} : { pendingEmail: null, pendingEmailKey: null }),
  }
}

/** How many of both names change beyond their spelling. */
export function countNewNames(user: User, columns: ProfileColumns): number {
  const { usernameKey = user.usernameKey } = columns
  const address = columns.pendingEmailKey ?? columns.emailKey ?? user.emailKey
  return [usernameKey !== user.usernameKey, address !== user.emailKey].filter(Boolean).length
}

export function passwordRequired(): ApiError {
  const detail: Text = ({ fields }) => fields.currentPasswordForName
  return ValidationFailed({ errors: [{ pointer: '/currentPassword', code: 'required', detail }] })
}
