import type { AdminUserView } from '../../contract/admin-user.ts'
import { userView } from '../../contract/user.ts'
import type { AdministeredUser } from '../users/administered-user.ts'

/** @param lockedUntil undefined where unknown devices may sign in */
export function adminUserView(
  user: AdministeredUser,
  lockedUntil: Date | undefined,
): AdminUserView {
  const { disabledAt, lastSignInAt, hasPassword, identities, version } = user
  return {
    ...userView(user),
    disabledAt: textOf(disabledAt),
    lockedUntil: textOf(lockedUntil),
    lastSignInAt: textOf(lastSignInAt),
    hasPassword,
    identities,
    version,
  }
}

const textOf = (date: Date | null | undefined) => date?.toISOString() ?? null
