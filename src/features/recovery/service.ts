import type { ChallengeView } from '../../contract/challenge.ts'
import { ChallengeOver } from '../../contract/errors.ts'
import type { Device } from '../../platform/device.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Caller, Proved, Resend, Work } from '../challenges/purpose.ts'
import type { FactorStore } from '../factors/store.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { AccountCodes } from '../sign-in/account-codes.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export const RESET = 'reset_password'
export const RESET_LIFE_MS = 30 * 60_000

export type Recovery = ReturnType<typeof createRecovery>
type Dependencies = {
  newPasswords: Pick<NewPasswords, 'hash'>
  audit: Pick<Audit, 'record'>
  mail: Pick<Mail, 'queue'>
  users: Pick<Users, 'resetPassword'>
  sessions: Pick<Sessions, 'endAllIn'>
  lockout: Pick<Lockout, 'unlock'>
  factorStore: Pick<FactorStore, 'removeAll'>
  identityStore: Pick<IdentityStore, 'removeAll'>
  accountCodes: Pick<AccountCodes, 'request' | 'mailCode' | 'send' | 'userOf'>
}

/**
 * The way back into an account whose password is lost: a code goes to its stored address, and comes
 * back with a new password. Nobody is signed in by it.
 */
export function createRecovery(dependencies: Dependencies) {
  const { newPasswords, audit, mail, users, sessions } = dependencies
  const { lockout, factorStore, identityStore, accountCodes } = dependencies

  /**
   * Mails a code to the owner of the name. The steps are the same where there is no such account,
   * and for a disabled one; then the mail is for nobody. @throws RateLimited, Overloaded
   */
  async function begin(login: string, caller: Caller): Promise<ChallengeView> {
    const { user, typed } = await accountCodes.request(login, caller)
    const { device } = caller
    return mailCode(user?.disabledAt === null ? user : undefined, typed, device)
  }

  function mailCode(user: User | undefined, typed: string, device: Device): Promise<ChallengeView> {
    const reset = { purpose: RESET, lifeMs: RESET_LIFE_MS } as const
    return accountCodes.mailCode(reset, { user, typed, device })
  }

  const send = (resend: Resend) => accountCodes.send(RESET, resend)

  /**
   * Sets the new password, ends all sessions, and lets unknown devices sign in again.
   * @throws WeakPassword where it contains a name of the owner or is breached, ChallengeOver where
   *   the account has changed since; Overloaded
   */
  async function reset({ challenge, fields, caller }: Proved): Promise<Work> {
    const { newPassword = '' } = fields
    const { device } = caller
    const user = await accountCodes.userOf(challenge)
    if (user?.credentialVersion !== challenge.credentialVersion || !user) throw ChallengeOver()
    const { id: userId, email: address } = user
    const asker = askerOf(device, 'owner', userId)
    const given = { password: newPassword, owner: user, pointer: '/newPassword', asker }
    const hash = await newPasswords.hash(given)
    return async (tx) => {
      if (!(await users.resetPassword(tx, user, hash))) throw ChallengeOver()
      const refuseTokens = await sessions.endAllIn(tx, { userId }, 'password_reset')
      await lockout.unlock(userId, tx)
      // Of the one who registered the address of somebody else, or moved an account to it.
      if (!user.emailVerified) await factorStore.removeAll(tx, userId)
      if (!user.emailVerified || user.verifiedElsewhere) await identityStore.removeAll(tx, userId)
      await mail.queue(tx, { kind: 'password_reset', address, userId, device })
      return {
        async afterCommit() {
          await refuseTokens()
          audit.record({ type: 'password_reset', userId, device })
        },
      }
    }
  }

  /**
   * Mails a code for somebody else, past all limits.
   * @param device without what is not the owner's @throws Overloaded
   */
  async function sendTo(user: User, device: Device): Promise<void> {
    await mailCode(user, user.emailKey, device)
  }

  return { begin, send, reset, sendTo }
}
