import type { AdminUserView } from '../../contract/admin-user.ts'
import { userView } from '../../contract/user.ts'
import type { AdministeredUser } from '../users/administered-user.ts'

/** @param lockedUntil undefined where unknown devices may sign in */
export function adminUserView(
  user: AdministeredUser,
  lockedUntil: Date | undefined,
): AdminUserView {
  const { disabledAt, lastSignInAt, hasPassword, version } = user
  return {
    ...userView(user),
    disabledAt: textOf(disabledAt),
    lockedUntil: textOf(lockedUntil),
    lastSignInAt: textOf(lastSignInAt),
    hasPassword,
    // Nobody signs in with an outside provider yet.
    identities: 0,
    version,
  }
}

const textOf = (date: Date | null | undefined) => date?.toISOString() ?? null
