import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Device } from '../../platform/device.ts'
import { InvalidCredentials, WeakPassword } from '../../platform/error-table.ts'
import { passwordFaults } from '../../platform/password-policy.ts'
import type { Passwords } from '../../platform/passwords.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Audit } from '../audit/service.ts'
import type { OpenedSession, Sessions } from '../sessions/service.ts'

export type PasswordChange = {
  userId: string
  sessionId: string
  currentPassword: string
  newPassword: string
}

export type PasswordService = ReturnType<typeof createPasswordService>
type Needs = {
  db: Database
  clock: Clock
  passwords: Passwords
  accounts: Accounts
  sessions: Sessions
  audit: Audit
}

/** Changing a password. */
export function createPasswordService(needs: Needs) {
  const { db, clock, passwords, accounts, sessions, audit } = needs

  /**
   * Replaces the password, ends every other session of the user, and starts the next generation of
   * this one, all in one transaction.
   * @param change passwords within the policy, as far as it holds for everybody
   * @throws InvalidCredentials when the current password is wrong, or was changed meanwhile;
   *   WeakPassword when the new one contains a name of its owner; SessionEnded when the session or
   *   the account is over
   */
  async function change(change: PasswordChange, device: Device): Promise<OpenedSession> {
    const { userId, sessionId, currentPassword, newPassword } = change
    const user = await accounts.confirmPassword(userId, currentPassword, device)
    const errors = passwordFaults(newPassword, user, '/newPassword')
    if (errors.length > 0) throw WeakPassword({ errors })
    const passwordHash = await passwords.hash(newPassword)
    const { session, ended } = await inTransaction(db, async (tx) => {
      const where = { id: userId, credentialVersion: user.credentialVersion }
      const { count } = await tx.user.updateMany({
        where,
        data: {
          passwordHash,
          credentialVersion: { increment: 1 },
          updatedAt: new Date(clock()),
        },
      })
      if (count === 0) throw InvalidCredentials()
      const others = { userId, except: sessionId }
      const ended = await sessions.endAllWithin(tx, others, 'password_changed')
      return { session: await sessions.renewWithin(tx, sessionId, device), ended }
    })
    sessions.rememberEnded(ended)
    await audit.record({ type: 'password_changed', userId, sessionId, device })
    return sessions.handOut(user, session, session.rotatedAt)
  }

  return { change }
}
