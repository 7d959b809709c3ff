import { ChallengeOver } from '../../contract/errors.ts'
import type { Text } from '../../languages/text.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import { NO_DEVICE } from '../../platform/device.ts'
import { ValidationFailed } from '../../platform/errors/table.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Proved, Resend, Work } from '../challenges/purpose.ts'
import type { Mail } from '../mail/service.ts'
import type { AccountCodes } from '../sign-in/account-codes.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { InvitedUsers } from '../users/invited-users.ts'
import type { User } from '../users/user.ts'

export const ACCEPT_INVITE = 'accept_invite'
export const INVITE_LIFE_MS = 7 * 86_400_000
const KIND = 'invite'

export type Invitations = ReturnType<typeof createInvitations>
type Dependencies = {
  db: Database
  clock: Clock
  mail: Pick<Mail, 'isOn'>
  invitedUsers: InvitedUsers
  accountCodes: Pick<AccountCodes, 'prepare' | 'send' | 'userOf'>
  newPasswords: Pick<NewPasswords, 'hash'>
  audit: Pick<Audit, 'record'>
}

/**
 * Accounts without a password, whose owners are asked by mail to choose one. The account is made
 * with the invitation, and deleted with it where nobody accepts.
 */
export function createInvitations(dependencies: Dependencies) {
  const { db, clock, mail, invitedUsers, accountCodes, newPasswords, audit } = dependencies
  const purpose = { purpose: ACCEPT_INVITE, kind: KIND, lifeMs: INVITE_LIFE_MS } as const

  /** @throws ValidationFailed where nobody can be invited, since no mails are sent */
  function requireMail(): void {
    if (mail.isOn) return
    const detail: Text = ({ fields }) => fields.noInvitations
    throw ValidationFailed({ errors: [{ pointer: '/password', code: 'required', detail }] })
  }

  /** When an account is deleted that is invited now. */
  const dueAt = () => new Date(clock() + INVITE_LIFE_MS)

  /** Mails the invitation, in the transaction that makes the account. @throws Overloaded */
  async function invite(tx: Transaction, user: User): Promise<void> {
    await accountCodes.prepare(purpose, { user, typed: user.emailKey, device: NO_DEVICE }).queue(tx)
  }

  /** Mails another invitation, and the account waits for it. @throws Overloaded, ChallengeOver */
  async function inviteAgain(user: User): Promise<void> {
    await inTransaction(db, async (tx) => {
      if (!(await invitedUsers.postpone(tx, user, dueAt()))) throw ChallengeOver()
      await invite(tx, user)
    })
  }

  const send = (resend: Resend) => accountCodes.send(KIND, resend)

  /**
   * Sets the first password; the address is verified by it.
   * @throws WeakPassword where it contains a name of the owner or is breached, ChallengeOver where
   *   the account has changed since; Overloaded
   */
  async function accept({ challenge, fields, caller }: Proved): Promise<Work> {
    const { newPassword = '' } = fields
    const { device } = caller
    const user = await accountCodes.userOf(challenge)
    if (user?.credentialVersion !== challenge.credentialVersion || !user) throw ChallengeOver()
    const { id: userId } = user
    const asker = askerOf(device, 'owner', userId)
    const given = { password: newPassword, owner: user, pointer: '/newPassword', asker }
    const hash = await newPasswords.hash(given)
    return async (tx) => {
      if (!(await invitedUsers.accept(tx, user, hash))) throw ChallengeOver()
      return {
        afterCommit: () => audit.record({ type: 'invitation_accepted', userId, device }),
      }
    }
  }

  return { requireMail, dueAt, invite, inviteAgain, send, accept }
}
