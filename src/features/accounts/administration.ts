import type { User } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { NotFound } from '../../platform/error-table.ts'
import { loginKey } from '../../platform/identity.ts'
import type { Audit } from '../audit/service.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Revocations } from '../sessions/revocations.ts'
import type { Sessions } from '../sessions/service.ts'

export const ROLES = ['user', 'admin'] as const
export type Role = (typeof ROLES)[number]

type Needs = {
  db: Database
  clock: Clock
  audit: Audit
  lockout: Lockout
  sessions: Sessions
  revocations: Revocations
}

/** What an operator does to accounts, by username or e-mail address. */
export function createAdministration(needs: Needs) {
  const { db, clock, audit, lockout, sessions, revocations } = needs

  /** Gives the account another role. Its sessions go on; their access tokens must be refreshed. */
  async function changeRole(login: string, role: Role): Promise<void> {
    const { id } = await find(login)
    await db.user.updateMany({ where: { id }, data: { role, roleChangedAt: new Date(clock()) } })
    revocations.rememberRole(id, role)
    await audit.record({ type: 'role_changed', userId: id, detail: role })
  }

  /** Closes the account: no sign-in, and every session is over. */
  async function disable(login: string): Promise<void> {
    const { id } = await find(login)
    await sessions.transact(async (tx, endAll) => {
      await tx.user.updateMany({ where: { id }, data: { disabledAt: new Date(clock()) } })
      await endAll({ userId: id }, 'account_disabled')
    })
    await audit.record({ type: 'account_disabled', userId: id })
  }

  async function enable(login: string): Promise<void> {
    const { id } = await find(login)
    await db.user.updateMany({ where: { id }, data: { disabledAt: null } })
    await audit.record({ type: 'account_enabled', userId: id })
  }

  /** Lets unknown devices sign in again that too many failures have shut out. */
  async function unlock(login: string): Promise<void> {
    const { id } = await find(login)
    await lockout.open(id)
    await audit.record({ type: 'account_unlocked', userId: id })
  }

  async function find(login: string): Promise<User> {
    const { column, key } = loginKey(login)
    const user = await db.user.findFirst({ where: { [column]: key } })
    if (!user) throw NotFound({ detail: 'There is no account with this name.' })
    return user
  }

  return { changeRole, disable, enable, unlock }
}
