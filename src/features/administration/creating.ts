import type { Author } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import { type Device, NO_DEVICE, onlyLanguageOf } from '../../platform/device.ts'
import type { UserId } from '../../platform/ids.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Email } from '../email/service.ts'
import type { Invitations } from '../invitations/service.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { Profile } from '../users/new-user.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export type NewAccount = Profile & {
  role?: 'user' | 'admin'
  /** Left out, the owner is invited by mail to choose one. */
  password?: string
}

type Dependencies = {
  db: Database
  clock: Clock
  users: Pick<Users, 'newUser' | 'create' | 'throwTaken'>
  newPasswords: Pick<NewPasswords, 'hash'>
  invitations: Pick<Invitations, 'requireMail' | 'dueAt' | 'invite'>
  email: Pick<Email, 'welcome'>
  audit: Pick<Audit, 'record'>
}

/** Accounts that are made for somebody else, with any value of `REGISTRATION`. */
export function createCreating(dependencies: Dependencies) {
  const { db, clock, users, newPasswords, invitations, email, audit } = dependencies

  /**
   * Creates an account; without a password its owner is invited by mail.
   * @throws ValidationFailed without a password where no mails are sent, WeakPassword,
   *   UsernameTaken, EmailTaken, Overloaded
   */
  async function create(account: NewAccount, author: Author): Promise<UserId> {
    const user = await newAccount(account, author)
    const { id: userId, role } = user
    await inTransaction(db, async (tx) => {
      await users.create(tx, user)
      await greet(tx, user, onlyLanguageOf(author.device))
    }).catch((error) => users.throwTaken(error, user))
    const { actorId, device } = author
    audit.record({ type: 'account_created', userId, actorId, device, detail: role })
    return userId
  }

  async function newAccount(account: NewAccount, { actorId, device }: Author): Promise<User> {
    const { password, role = 'user', ...owner } = account
    if (password === undefined) invitations.requireMail()
    const asker = askerOf(device ?? NO_DEVICE, 'owner', actorId ?? 'operator')
    const given = { password: password ?? '', owner, pointer: '/password', asker }
    const hash = password === undefined ? null : await newPasswords.hash(given)
    const user = users.newUser(owner, hash, new Date(clock()))
    const deletionDueAt = hash === null ? invitations.dueAt() : null
    return { ...user, role, lastSignInAt: null, deletionDueAt }
  }

  function greet(tx: Transaction, user: User, device: Device): Promise<void> {
    if (user.passwordHash === null) return invitations.invite(tx, user, device)
    return email.welcome(tx, user, device)
  }

  return create
}
