import { Forbidden } from '../../contract/errors.ts'
import type { Author } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { Versions } from '../../platform/database/versions.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Email } from '../email/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { AdministeredColumns, AdministeredUsers } from '../users/administered-users.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { type Changes, changedColumns, eventsOf, isMoved } from './changes.ts'
import type { Rows } from './rows.ts'

type Dependencies = {
  clock: Clock
  rows: Rows
  administeredUsers: Pick<AdministeredUsers, 'change'>
  users: Pick<Users, 'throwTaken'>
  sessions: Pick<Sessions, 'endInTransaction'>
  revocations: Pick<Revocations, 'rememberRole'>
  email: Pick<Email, 'moved'>
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
}

/** Changes of an account by somebody else, each by a rule of its own, and all at once. */
export function createChanging(dependencies: Dependencies) {
  const { clock, rows, administeredUsers, users, sessions } = dependencies
  const { revocations, email, mail, audit } = dependencies

  /**
   * Changes what differs, and nothing where nothing does. A disabled account is signed out
   * everywhere. With another role the sessions continue; their access tokens must be refreshed.
   * @throws NotFound, PreconditionFailed, Forbidden for one's own role, LastAdmin, EmailTaken
   */
  async function change(
    id: UserId,
    changes: Changes,
    author: Author,
    versions: Versions = {},
  ): Promise<void> {
    await rows.change(id, versions, async (user) => {
      const columns = changedColumns(user, changes, clock)
      if (columns.role !== undefined && author.actorId === id) throw ownRole()
      if (Object.keys(columns).length === 0) return user
      const isDone = await write(user, columns).catch((cause) => users.throwTaken(cause, { id }))
      if (!isDone) return undefined
      tell(user, columns, author)
      return user
    })
  }

  function write(user: User, columns: AdministeredColumns): Promise<boolean> {
    return sessions.endInTransaction(async (tx, endAll) => {
      if (!(await administeredUsers.change(tx, user, columns))) return false
      if (columns.disabledAt) await endAll({ userId: user.id }, 'account_disabled')
      await queueMails(tx, user, columns)
      return true
    })
  }

  /** To the owner, and without the device, which is not the owner's. */
  async function queueMails(tx: Transaction, user: User, columns: AdministeredColumns) {
    const { id: userId, email: before } = user
    const { email: address = before, disabledAt, emailVerified } = columns
    if (isMoved(user, columns))
      await email.moved(tx, user, address, emailVerified ?? user.emailVerified)
    else if (emailVerified) await mail.queue(tx, { kind: 'email_verified', address, userId })
    if (disabledAt) await mail.queue(tx, { kind: 'account_disabled', address, userId })
  }

  function tell(user: User, columns: AdministeredColumns, { actorId, device }: Author): void {
    const { id: userId } = user
    if (columns.role !== undefined) revocations.rememberRole(userId, columns.role)
    const who = actorId === null ? 'by an operator' : 'by an administrator'
    for (const event of eventsOf(user, columns, who)) {
      audit.record({ ...event, userId, actorId, device })
    }
  }

  return change
}

function ownRole() {
  return Forbidden({ detail: ({ details }) => details.ownRole })
}
