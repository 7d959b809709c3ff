import type { Device } from '../../platform/device.ts'
import { WeakPassword } from '../../platform/error-table.ts'
import { passwordFaults } from '../../platform/password-policy.ts'
import type { Passwords } from '../../platform/passwords.ts'
import type { Credentials } from '../accounts/credentials.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Audit } from '../audit/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { OpenedSession } from '../sessions/tokens.ts'

export type PasswordChange = {
  userId: string
  sessionId: string
  currentPassword: string
  newPassword: string
}

export type PasswordService = ReturnType<typeof createPasswordService>
type Needs = {
  passwords: Passwords
  accounts: Accounts
  credentials: Credentials
  sessions: Sessions
  audit: Audit
}

/** Changing a password. */
export function createPasswordService(needs: Needs) {
  const { passwords, accounts, credentials, sessions, audit } = needs

  /**
   * Replaces the password, ends every other session of the user, and renews this one, all in one
   * transaction: whoever else holds a token of it holds a dead one.
   * @param change passwords within the policy, as far as it holds for everybody
   * @throws WrongPassword when the current password is wrong, or was changed meanwhile;
   *   WeakPassword when the new one contains a name of its owner; SessionEnded when the session or
   *   the account is over
   */
  async function change(change: PasswordChange, device: Device): Promise<OpenedSession> {
    const { userId, sessionId, currentPassword, newPassword } = change
    const confirmation = { userId, sessionId, password: currentPassword, device }
    const user = await credentials.confirm(confirmation)
    const errors = passwordFaults(newPassword, user, '/newPassword')
    if (errors.length > 0) throw WeakPassword({ errors })
    const passwordHash = await passwords.hash(newPassword)
    const session = await sessions.transact(async (tx, endAll, renew) => {
      await accounts.replacePassword(tx, user, passwordHash)
      await endAll({ userId, except: sessionId }, 'password_changed')
      return await renew(sessionId, device)
    })
    await audit.record({ type: 'password_changed', userId, sessionId, device })
    // The mark of the device that changed it counts for the new password.
    const changed = { ...user, credentialVersion: user.credentialVersion + 1 }
    return sessions.handOut(changed, session, session.rotatedAt)
  }

  return { change }
}
