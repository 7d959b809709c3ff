import { ChallengeOver, EmailTaken } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import {
  type Database,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { ApiError } from '../../platform/errors/api-error.ts'
import { emailKey } from '../../platform/identity.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Caller, Proved, Work } from '../challenges/purpose.ts'
import type { FactorStore } from '../factors/store.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { Addresses } from '../users/addresses.ts'
import type { Users } from '../users/service.ts'
import type { ProfileColumns, User } from '../users/user.ts'
import { type EmailMails, UNDO_LIFE_MS } from './mails.ts'
import { createEmailProofs, isAddressOf, isByHolder } from './proofs.ts'

export type Email = ReturnType<typeof createEmail>
type Dependencies = {
  db: Database
  clock: Clock
  /** Whether the server sends mails: where it does not, nobody can prove an address. */
  isOn: boolean
  asksUnasked: boolean
  mails: EmailMails
  mail: Pick<Mail, 'countRequest' | 'queue'>
  users: Pick<Users, 'findOpen' | 'requireOpen' | 'setSecondFactor'>
  addresses: Addresses
  newPasswords: Pick<NewPasswords, 'hash'>
  sessions: Pick<Sessions, 'endAllIn' | 'hasNear'>
  lockout: Pick<Lockout, 'unlock'>
  factorStore: Pick<FactorStore, 'removeSince'>
  identityStore: Pick<IdentityStore, 'removeAll'>
  audit: Pick<Audit, 'record'>
}

/** Addresses that are proven, by a code that was mailed to them, and changes of such addresses. */
export function createEmail(dependencies: Dependencies) {
  const { isOn, asksUnasked, mails, mail, users, addresses } = dependencies
  const { newPasswords, sessions, lockout, factorStore, identityStore, audit } = dependencies
  const { userOf, ...beginnings } = createEmailProofs(dependencies)

  /**
   * Mails a code to the address of a new account, in the transaction that makes it. A full outbox
   * loses the mail and not the account: its owner can ask for another one.
   */
  async function welcome(tx: Transaction, user: User, device: Device): Promise<void> {
    if (isOn && asksUnasked)
      await mails.queueProof(tx, user, { address: user.email, mayBeDropped: true, device })
  }

  /**
   * Mails what a change of the profile asks for, in its transaction: a code to the new address, and
   * to a verified old one a notice that undoes the change.
   * @param before the user as it was
   * @throws EmailTaken where an account has the new address; Overloaded
   */
  async function asked(
    tx: Transaction,
    before: User,
    { email, emailVerified, pendingEmail }: ProfileColumns,
    device: Device,
  ): Promise<void> {
    if (pendingEmail) {
      if (await addresses.isTaken(tx, emailKey(pendingEmail))) throw EmailTaken()
      await mails.queueProof(tx, before, { address: pendingEmail, mayBeDropped: false, device })
      await mails.queueUndo(tx, before, 'email_change_asked', device)
    } else if (email !== undefined && emailVerified === false) {
      await welcome(tx, { ...before, email }, device)
    }
  }

  /**
   * Mails what a change of the address by an administrator asks for, in its transaction: to a
   * verified old one a notice, to a new one that is not verified a code.
   * @param before the user as it was @throws Overloaded
   */
  async function moved(
    tx: Transaction,
    before: User,
    { address, isVerified, device }: { address: string; isVerified: boolean; device: Device },
  ): Promise<void> {
    if (isOn && before.emailVerified) {
      const { id: userId, email } = before
      await mail.queue(tx, { kind: 'email_changed_for_you', address: email, userId, device })
    }
    if (!isVerified) await welcome(tx, { ...before, email: address }, device)
  }

  /**
   * Verifies the address of the challenge: the account has it, or gets it now instead of its own.
   * Without an account the proof is for another challenge, which finds it.
   */
  async function confirm({ challenge, caller }: Proved): Promise<Work> {
    if (challenge.userId === null) return async () => ({})
    const user = await userOf(challenge)
    const address = challenge.address ?? ''
    const isSame = user?.credentialVersion === challenge.credentialVersion
    if (!user || !isSame || !isAddressOf(user, address)) throw ChallengeOver()
    const elsewhere = !(await isByOwner(user, caller))
    const confirmed = emailKey(address) === user.emailKey ? verification : change
    return confirmed(user, caller.device, elsewhere)
  }

  /** Whether the code comes from the user of a session, or at least from where one is. */
  async function isByOwner({ id }: User, caller: Caller): Promise<boolean> {
    const signedIn = await caller.signedIn().catch(throwUnlessSignedOut)
    const isTyped = signedIn?.userId === id && isByHolder(signedIn)
    return isTyped || sessions.hasNear(id, caller.device)
  }

  function verification(user: User, device: Device, isElsewhere: boolean): Work {
    const { id: userId, emailVerified: wasVerified } = user
    const elsewhere = isElsewhere && (!wasVerified || user.verifiedElsewhere)
    return async (tx) => {
      if (!(await addresses.verify(tx, user, elsewhere))) throw ChallengeOver()
      if (wasVerified) return {}
      return { afterCommit: () => audit.record({ type: 'email_verified', userId, device }) }
    }
  }

  function change(user: User, device: Device, elsewhere: boolean): Work {
    const { id: userId } = user
    return async (tx) => {
      if (!(await addresses.change(tx, user, elsewhere).catch(throwTaken))) throw ChallengeOver()
      await mails.queueUndo(tx, user, 'email_changed', device)
      return { afterCommit: () => audit.record({ type: 'email_changed', userId, device }) }
    }
  }

  /**
   * Brings the old address back, with a new password; all sessions end, unknown devices may sign in
   * again, and what was added since is gone: factors and identities.
   * @throws WeakPassword, EmailTaken where somebody else has the address by now; ChallengeOver,
   *   Overloaded
   */
  async function undo({ challenge, fields, caller: { device } }: Proved): Promise<Work> {
    const { newPassword = '' } = fields
    const email = challenge.address ?? ''
    const user = await userOf(challenge)
    if (!user) throw ChallengeOver()
    const { id: userId, username } = user
    const asker = askerOf(device, 'owner', userId)
    const owner = { username, email }
    const given = { password: newPassword, owner, pointer: '/newPassword', asker }
    const passwordHash = await newPasswords.hash(given)
    const noticedAt = new Date(challenge.endsAt - UNDO_LIFE_MS)
    return async (tx) => {
      const restored = { email, passwordHash, noticedAt }
      if (!(await addresses.restore(tx, userId, restored).catch(throwTaken))) throw ChallengeOver()
      const refuseTokens = await sessions.endAllIn(tx, { userId }, 'password_changed')
      await lockout.unlock(userId, tx)
      await identityStore.removeAll(tx, userId, noticedAt)
      const isLeft = await factorStore.removeSince(tx, userId, noticedAt)
      if (!isLeft) await users.setSecondFactor(tx, userId, false)
      await mail.queue(tx, { kind: 'password_reset', address: email, userId, device })
      return {
        async afterCommit() {
          await refuseTokens()
          audit.record({ type: 'email_change_undone', userId, device })
        },
      }
    }
  }

  return {
    ...{ needsProof: isOn, welcome, asked, moved },
    ...{ ...beginnings, confirm, undo },
  }
}

/** A link is opened without a token, or with a dead one. */
function throwUnlessSignedOut(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.definition.status !== 401) throw error
}

function throwTaken(cause: unknown): never {
  throw isUniqueViolation(cause) ? EmailTaken({ cause }) : cause
}
