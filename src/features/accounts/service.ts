import type { ChallengeView } from '../../contract/challenge.ts'
import { RegistrationClosed } from '../../contract/errors.ts'
import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Language } from '../../languages/languages.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import { networkOf } from '../../platform/network.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Consumption, RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import type { Email } from '../email/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { SessionStart } from '../sessions/session-row.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { PasswordChecks } from '../sign-in/password-checks.ts'
import type { Profile } from '../users/new-user.ts'
import type { Users } from '../users/service.ts'
import type { ProfileColumns, User } from '../users/user.ts'
import {
  changedColumns,
  countNewNames,
  type ProfileChanges,
  passwordRequired,
  requireOffered,
} from './profile-changes.ts'
import type { Unverified } from './unverified.ts'

export type NewAccount = Profile & { password: string }
type Update = {
  /** From `users.requireOpen` or the guard of passwords. */
  user: User
  changes: ProfileChanges
  /** Whether the request had the right password, or a recent proof where there is none. */
  isConfirmed: boolean
  device: Device
}

type RenameLimit = 'rename_user' | 'rename_network'

export type Accounts = ReturnType<typeof createAccounts>
type Dependencies = {
  db: Database
  clock: Clock
  /** Whether everybody may register. */
  isOpen: boolean
  /** Those that the server offers. */
  languages: readonly Language[]
  users: Users
  newPasswords: Pick<NewPasswords, 'hash'>
  passwordChecks: PasswordChecks
  rateLimits: Pick<RateLimits<RenameLimit>, 'consumeAll'>
  audit: Audit
  sessions: Sessions
  credentials: Credentials
  email: Pick<Email, 'needsProof' | 'welcome' | 'asked'>
  unverified: Unverified
}

/** Registration and profiles. Names are compared by lower-case keys, the same on both databases. */
export function createAccounts(dependencies: Dependencies) {
  const { db, clock, isOpen, languages, users, newPasswords, passwordChecks, rateLimits } =
    dependencies
  const { audit, sessions, credentials, email, unverified } = dependencies

  /** Ask before anything of a registration is looked at. @throws RegistrationClosed */
  function requireRegistration(): void {
    if (!isOpen) throw RegistrationClosed()
  }

  /**
   * Creates an account, opens its first session, and mails a code that proves its address: all or
   * nothing. The unique indexes decide about parallel requests.
   * @throws WeakPassword, UsernameTaken, EmailTaken, RateLimited, Overloaded
   */
  async function register(account: NewAccount, start: SessionStart): Promise<IssuedSession> {
    const user = await newUser(account, start.device)
    const create = async (tx: Transaction) => {
      await users.create(tx, user)
      await email.welcome(tx, user, start.device)
    }
    const opened = await sessions
      .openFirst(user, start, create)
      .catch((error) => users.throwTaken(error, user))
    audit.record({ type: 'registered', userId: user.id, device: start.device })
    return opened
  }

  /** Like `register`, but a mailed code has to open the first session. */
  async function registerUnverified(
    account: NewAccount,
    start: SessionStart,
  ): Promise<ChallengeView> {
    return unverified.register(await newUser(account, start.device), start)
  }

  async function newUser(account: NewAccount, device: Device): Promise<User> {
    const asker = askerOf(device, 'newcomer', networkOf(device.ip ?? ''))
    const { password, ...owner } = account
    const passwordHash = await passwordChecks.run(asker, () =>
      newPasswords.hash({ password, owner, pointer: '/password', asker }),
    )
    return users.newUser(account, passwordHash, new Date(clock()))
  }

  /**
   * Changes the profile where it differs. Another name needs the password. Another e-mail address
   * is not verified; instead of a verified one it is pending until it is confirmed.
   * @throws ValidationFailed without the password and for an unknown language, UsernameTaken,
   *   EmailTaken, SessionEnded for a deleted account, WrongPassword if the password has changed
   *   meanwhile, RateLimited, Overloaded
   */
  async function updateProfile(update: Update): Promise<User> {
    const { user, changes, isConfirmed, device } = update
    const columns = changedColumns(user, changes, email.needsProof)
    if (Object.keys(columns).length === 0) return user
    requireOffered(columns, languages)
    const newNames = countNewNames(user, columns)
    if (newNames > 0 && !isConfirmed) throw passwordRequired()
    await countNames(user, newNames, device)
    const changed = await inTransaction(db, async (tx) => {
      const now = await users.changeProfile(tx, user, columns, isConfirmed)
      if (now) await email.asked(tx, user, columns, device)
      return now
    }).catch((error) => users.throwTaken(error, { ...columns, id: user.id }))
    if (!changed) return isConfirmed ? updateAgain(update) : throwRenamed(user)
    record(user, columns, device)
    return changed
  }

  /** Decides again for an account that has changed meanwhile, unless its password has. */
  async function updateAgain(update: Update): Promise<User> {
    const user = await users.requireOpen(update.user.id)
    const isSame = user.credentialVersion === update.user.credentialVersion
    return isSame ? await updateProfile({ ...update, user }) : credentials.throwConflict(user)
  }

  function record({ id: userId }: User, columns: ProfileColumns, device: Device): void {
    const { pendingEmail } = columns
    if (pendingEmail) audit.record({ type: 'email_change_asked', userId, device })
    const fields = [
      'username',
      'email',
      'name',
      'locale',
      ...(pendingEmail === null ? ['pendingEmail'] : []),
    ]
    const detail = fields.filter((field) => field in columns).join(' ')
    if (detail !== '') audit.record({ type: 'profile_changed', userId, device, detail })
  }

  /** The name to respell has changed meanwhile. */
  async function throwRenamed({ id }: User): Promise<never> {
    await users.requireOpen(id)
    throw passwordRequired()
  }

  /**
   * Counts each new name, since the response shows who is registered: one request for two names
   * must learn no more than two requests.
   */
  async function countNames({ id }: User, count: number, device: Device): Promise<void> {
    const each: Consumption<RenameLimit>[] = [
      ['rename_user', id],
      ['rename_network', networkOf(device.ip ?? '')],
    ]
    await rateLimits.consumeAll(Array.from({ length: count }, () => each).flat())
  }

  const { mustVerify } = unverified
  return {
    ...{ mustVerify, requireRegistration, register, registerUnverified },
    update: updateProfile,
  }
}
