import { newId } from '../../platform/crypto/ids.ts'
import { searchText } from '../../platform/database/search-text.ts'
import { emailColumns, usernameColumns } from '../../platform/identity.ts'
import type { UserId } from '../../platform/ids.ts'
import type { User } from './user.ts'

export type Profile = { username: string; email: string; name?: string | null }

export function newUser(profile: Profile, passwordHash: string | null, now: Date): User {
  const { username, email, name = null } = profile
  return {
    id: newId<UserId>(now),
    ...usernameColumns(username),
    ...emailColumns(email),
    emailVerified: false,
    verifiedElsewhere: false,
    ...{ pendingEmail: null, pendingEmailKey: null, emailUndoneFrom: null, emailUndoneAt: null },
    ...{ name, searchName: name && searchText(name) },
    locale: null,
    role: 'user',
    roleChangedAt: null,
    passwordHash,
    secondFactor: false,
    ...{ credentialVersion: 1, version: 1 },
    disabledAt: null,
    deletionDueAt: null,
    lastSignInAt: now,
    ...{ houseCount: 0, noteCount: 0, photoBytes: 0n, keyDay: 0, keyCount: 0 },
    createdAt: now,
    updatedAt: now,
  }
}
