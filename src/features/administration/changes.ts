import type { Clock } from '../../platform/clock.ts'
import { emailColumns } from '../../platform/identity.ts'
import type { AuditEntry } from '../audit/event.ts'
import type { AdministeredColumns } from '../users/administered-users.ts'
import type { User } from '../users/user.ts'

export type Changes = {
  role?: 'user' | 'admin'
  disabled?: boolean
  name?: string | null
  email?: string
  emailVerified?: boolean
}

/** The columns that differ from the account; empty where nothing does. */
export function changedColumns(user: User, changes: Changes, clock: Clock): AdministeredColumns {
  const { role = user.role, name = user.name } = changes
  return {
    ...(role === user.role ? {} : { role }),
    ...(name === user.name ? {} : { name }),
    ...changedAccess(user, changes, clock),
    ...changedAddress(user, changes),
  }
}

/** A disabled account is not deleted for want of a proof. */
function changedAccess({ disabledAt }: User, { disabled }: Changes, clock: Clock) {
  const isDisabled = disabledAt !== null
  if (disabled === undefined || disabled === isDisabled) return {}
  return disabled ? { disabledAt: new Date(clock()), deletionDueAt: null } : { disabledAt: null }
}

/** Another address holds at once, and counts as confirmed only where the request says so. */
function changedAddress(user: User, { email = user.email, emailVerified }: Changes) {
  const columns = email === user.email ? {} : emailColumns(email)
  const isOther = 'emailKey' in columns && columns.emailKey !== user.emailKey
  const verified = emailVerified ?? (isOther ? false : user.emailVerified)
  return {
    ...columns,
    ...(verified === user.emailVerified ? {} : { emailVerified: verified }),
  }
}

/** Whether the account gets an address that is not its present one in another spelling. */
export function isMoved(user: User, { emailKey = user.emailKey }: AdministeredColumns): boolean {
  return emailKey !== user.emailKey
}

type Event = Pick<AuditEntry, 'type' | 'detail'>

/** What the audit log tells of the change. */
export function eventsOf(user: User, columns: AdministeredColumns, who: string): Event[] {
  const { role, disabledAt, emailVerified } = columns
  const moves = isMoved(user, columns)
  const isRespelled = 'email' in columns && !moves
  const isDoubted = emailVerified === false && !moves
  const detail = [
    ...('name' in columns ? ['name'] : []),
    ...(isRespelled ? ['email'] : []),
    ...(isDoubted ? ['emailVerified'] : []),
  ].join(' ')
  return [
    ...(role === undefined ? [] : [{ type: 'role_changed', detail: role } as const]),
    ...(disabledAt === undefined ? [] : [accessEvent(disabledAt)]),
    ...(moves ? [{ type: 'email_changed', detail: who } as const] : []),
    ...(emailVerified ? [{ type: 'email_verified', detail: who } as const] : []),
    ...(detail === '' ? [] : [{ type: 'profile_changed', detail } as const]),
  ]
}

function accessEvent(disabledAt: Date | null): Event {
  return { type: disabledAt === null ? 'account_enabled' : 'account_disabled', detail: null }
}
