import { NotFound } from '../../platform/errors/table.ts'
import { loginKey } from '../../platform/identity.ts'
import type { Audit } from '../audit/service.ts'
import type { FactorStore } from '../factors/store.ts'
import type { Keys } from '../keys/service.ts'
import type { FactorLockout } from '../lockout/factor-lockout.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { Addresses } from '../users/addresses.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export const ROLES = ['user', 'admin'] as const
export type Role = (typeof ROLES)[number]

type Dependencies = {
  users: Users
  addresses: Pick<Addresses, 'verify'>
  audit: Audit
  lockout: Lockout
  factorLockout: Pick<FactorLockout, 'unlock'>
  factorStore: Pick<FactorStore, 'removeAll'>
  keys: Keys
  sessions: Sessions
  revocations: Revocations
  mail: Pick<Mail, 'queue'>
}

/** Commands of an operator on accounts, by username or e-mail address. */
export function createAdministration(dependencies: Dependencies) {
  const { users, addresses, audit, lockout, factorLockout, factorStore } = dependencies
  const { keys, sessions, revocations, mail } = dependencies

  /** Changes the role. Sessions continue; their access tokens must be refreshed. */
  async function changeRole(login: string, role: Role): Promise<void> {
    const { id } = await find(login)
    await users.changeRole(id, role)
    revocations.rememberRole(id, role)
    audit.record({ type: 'role_changed', userId: id, detail: role })
  }

  /** Disables the account: it cannot sign in, and its sessions end. */
  async function disable(login: string): Promise<void> {
    const { id, email: address, disabledAt } = await find(login)
    await sessions.endInTransaction(async (tx, endAll) => {
      await users.disable(tx, id)
      await endAll({ userId: id }, 'account_disabled')
      if (disabledAt) return
      await mail.queue(tx, { kind: 'account_disabled', address, userId: id })
    })
    audit.record({ type: 'account_disabled', userId: id })
  }

  /** Lets the account sign in again, unless it is being deleted. */
  async function enable(login: string): Promise<void> {
    const { id } = await find(login)
    if (!(await users.enable(id))) throw noSuchAccount()
    audit.record({ type: 'account_enabled', userId: id })
  }

  /** Lets unknown devices sign in again after too many failures. */
  async function unlock(login: string): Promise<void> {
    const { id } = await find(login)
    await lockout.unlock(id)
    await factorLockout.unlock(id)
    audit.record({ type: 'account_unlocked', userId: id })
  }

  /**
   * Marks the address as verified, for somebody whom the operator knows, and tells the owner.
   * @returns whether it was not before
   */
  async function verifyEmail(login: string): Promise<boolean> {
    const user = await find(login)
    const { id: userId, email: address, emailVerified, disabledAt } = user
    if (disabledAt) throw NotFound({ detail: 'The account is disabled; enable it first.' })
    if (emailVerified) return false
    await sessions.endInTransaction(async (tx) => {
      if (!(await addresses.verify(tx, user))) throw NotFound({ detail: 'It has changed; retry.' })
      await mail.queue(tx, { kind: 'email_verified', address, userId })
    })
    audit.record({ type: 'email_verified', userId, detail: 'by an operator' })
    return true
  }

  /**
   * Takes away all factors and recovery codes, for somebody who has lost them and whom the operator
   * knows; the password alone signs in. All sessions end.
   */
  async function removeSecondFactor(login: string): Promise<void> {
    const user = await find(login)
    const { id: userId, email: address, disabledAt } = user
    if (disabledAt) throw NotFound({ detail: 'The account is disabled; enable it first.' })
    await sessions.endInTransaction(async (tx, endAll) => {
      const isSame = await users.changeFactors(tx, user, { secondFactor: false })
      if (!isSame) throw NotFound({ detail: 'It has changed; retry.' })
      const rows = await factorStore.removeAll(tx, userId)
      if (rows === 0) throw NotFound({ detail: 'The account has no factor.' })
      await endAll({ userId }, 'factors_changed')
      await mail.queue(tx, { kind: 'factor_removed', address, userId })
    })
    audit.record({ type: 'factor_removed', userId, detail: 'all, by an operator' })
  }

  /** Ends all sessions of an account, which may sign in again. @returns how many were live */
  async function endSessionsOf(login: string): Promise<number> {
    const { id } = await find(login)
    const ended = await sessions.endAllOf(id)
    audit.record({ type: 'sessions_ended', userId: id, detail: String(ended) })
    return ended
  }

  /**
   * Ends all sessions of all accounts. Deletes the rows first, so that no refresh continues one;
   * then replaces the signing keys, so that no server must remember each session.
   * @returns how many were live
   */
  async function endAllSessions(): Promise<number> {
    const ended = await sessions.deleteAll()
    await keys.replaceAll('session_ended')
    audit.record({ type: 'sessions_ended', detail: `${ended} of everybody` })
    return ended
  }

  /** Replaces all signing keys. Sessions continue; older access tokens must be refreshed. */
  async function replaceKeys(): Promise<void> {
    await keys.replaceAll('token_expired')
    audit.record({ type: 'signing_keys_replaced' })
  }

  async function find(login: string): Promise<User> {
    const user = await users.findByKey(loginKey(login))
    if (!user) throw noSuchAccount()
    return user
  }

  return {
    ...{ changeRole, disable, enable, unlock, verifyEmail, removeSecondFactor },
    ...{ endSessionsOf, endAllSessions, replaceKeys },
  }
}

function noSuchAccount() {
  return NotFound({ detail: 'There is no account with this name.' })
}
