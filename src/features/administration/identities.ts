import { type AdminIdentityView, identityView } from '../../contract/identity.ts'
import type { Author } from '../../platform/actor.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Identity } from '../identities/identity.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { WaysIn } from '../identities/ways-in.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { LastAdmin } from '../users/last-admin.ts'
import type { User } from '../users/user.ts'
import type { Rows } from './rows.ts'

type Dependencies = {
  rows: Rows
  administeredUsers: Pick<AdministeredUsers, 'change'>
  lastAdmin: Pick<LastAdmin, 'requireOne'>
  identityStore: Pick<IdentityStore, 'listOf' | 'remove'>
  waysIn: Pick<WaysIn, 'hasOne'>
  sessions: Pick<Sessions, 'endInTransaction'>
  mail: Pick<Mail, 'isOn' | 'queue'>
  audit: Pick<Audit, 'record'>
}

/** The outside providers that sign people in to accounts of theirs. */
export function createIdentitiesOfUsers(dependencies: Dependencies) {
  const { rows, administeredUsers, lastAdmin, identityStore } = dependencies
  const { waysIn, sessions, mail, audit } = dependencies

  /** Oldest first. @throws NotFound */
  async function identitiesOf(id: UserId): Promise<AdminIdentityView[]> {
    await rows.require(id)
    const found = await identityStore.listOf(id)
    return found.map((identity) => {
      const { issuer, subject } = identity
      return { ...identityView(identity), issuer, subject }
    })
  }

  /**
   * Takes one away, also the last way in: by a code for a new password the owner gets in again. All
   * sessions end. @throws NotFound, LastAdmin
   */
  async function removeIdentity(id: UserId, identityId: string, author: Author): Promise<void> {
    const { provider } = await rows.change(id, {}, async (user) => {
      const identity = (await identityStore.listOf(id)).find((one) => one.id === identityId)
      if (!identity) throw NotFound({ detail: ({ details }) => details.accountHasNoIdentity })
      return (await remove(user, identity)) ? identity : undefined
    })
    audit.record({ type: 'identity_removed', userId: id, ...author, detail: provider })
  }

  /** @returns false where the account has changed since it was read */
  function remove(user: User, identity: Identity): Promise<boolean> {
    const { id: userId, email: address } = user
    return sessions.endInTransaction(async (tx, endAll) => {
      const columns = { credentialVersion: { increment: 1 } }
      if (!(await administeredUsers.change(tx, user, columns))) return false
      if (!(await identityStore.remove(tx, userId, identity.id))) return false
      await keepAnAdmin(tx, user)
      await endAll({ userId }, 'factors_changed')
      await mail.queue(tx, { kind: 'identity_removed', address, userId })
      return true
    })
  }

  async function keepAnAdmin(tx: Transaction, user: User): Promise<void> {
    const { id, role, disabledAt, emailVerified } = user
    if (role !== 'admin' || disabledAt !== null) return
    const canReset = emailVerified && mail.isOn
    if (!canReset && !(await waysIn.hasOne(tx, user))) await lastAdmin.requireOne(tx, id)
  }

  return { identitiesOf, removeIdentity }
}
