import type { User } from '../../generated/sqlite/client.ts'
import { ValidationFailed } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'
import { emailKey, usernameKey } from '../../platform/identity.ts'

// What a wish to change a profile means for the row of the user.

export type ProfileChanges = { username?: string; email?: string; name?: string | null }

/** The name as it was typed, and the key that decides who is who (ASCII by schema). */
export function usernameColumns(username: string) {
  return { username, usernameKey: usernameKey(username) }
}

export function emailColumns(email: string) {
  return { email, emailKey: emailKey(email) }
}

type ProfileColumns = Partial<Pick<User, 'usernameKey' | 'emailKey' | keyof ProfileChanges>>

/** The columns that differ from what the account has; another spelling of a name differs, too. */
export function changedColumns(user: User, changes: ProfileChanges): ProfileColumns {
  const { username = user.username, email = user.email, name = user.name } = changes
  return {
    ...(username === user.username ? {} : usernameColumns(username)),
    ...(email === user.email ? {} : emailColumns(email)),
    ...(name === user.name ? {} : { name }),
    ...(emailKey(email) === user.emailKey ? {} : { emailVerified: false }),
  }
}

/** Whether the account would be another identity, and not only be spelled in another way. */
function isRenamed(user: User, columns: ProfileColumns): boolean {
  const { usernameKey = user.usernameKey, emailKey = user.emailKey } = columns
  return usernameKey !== user.usernameKey || emailKey !== user.emailKey
}

/**
 * The user as long as the names that are spelled anew are the ones that were read.
 * @throws ValidationFailed when the columns hold another name
 */
export function sameNames(user: User, columns: ProfileColumns) {
  if (isRenamed(user, columns)) throw passwordRequired()
  const { id, usernameKey, emailKey } = user
  return {
    id,
    disabledAt: null,
    ...(columns.usernameKey === undefined ? {} : { usernameKey }),
    ...(columns.emailKey === undefined ? {} : { emailKey }),
  }
}

export function passwordRequired(): CodedError {
  const detail = 'Changing the e-mail address or the username needs the current password.'
  return ValidationFailed({ errors: [{ pointer: '/currentPassword', code: 'required', detail }] })
}

/** The user as long as the password is the one that was checked, and the account open. */
export function unchanged({ id, credentialVersion }: User) {
  return { id, credentialVersion, disabledAt: null }
}
