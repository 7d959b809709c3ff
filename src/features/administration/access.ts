import type { SessionView } from '../../contract/session-list.ts'
import type { Author } from '../../platform/actor.ts'
import type { Database } from '../../platform/database/database.ts'
import { onlyLanguageOf } from '../../platform/device.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { FactorStore } from '../factors/store.ts'
import type { Invitations } from '../invitations/service.ts'
import type { FactorLockout } from '../lockout/factor-lockout.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Recovery } from '../recovery/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { AdministeredUsers } from '../users/administered-users.ts'
import type { InvitedUsers } from '../users/invited-users.ts'
import type { Rows } from './rows.ts'

type Dependencies = {
  db: Database
  rows: Rows
  administeredUsers: Pick<AdministeredUsers, 'change'>
  invitedUsers: Pick<InvitedUsers, 'isInvited'>
  sessions: Pick<Sessions, 'list' | 'end' | 'endAllOf' | 'endInTransaction'>
  lockout: Pick<Lockout, 'unlock'>
  factorLockout: Pick<FactorLockout, 'unlock'>
  factorStore: Pick<FactorStore, 'listOf' | 'removeAll'>
  recovery: Pick<Recovery, 'sendTo'>
  invitations: Pick<Invitations, 'inviteAgain'>
  mail: Pick<Mail, 'isOn' | 'queue'>
  audit: Pick<Audit, 'record'>
}

/** How people get into accounts of theirs, or do not: sessions, locks, factors, lost passwords. */
export function createAccess(dependencies: Dependencies) {
  const { rows, administeredUsers, invitedUsers, sessions, lockout, factorLockout } = dependencies
  const { factorStore, recovery, invitations, mail, audit } = dependencies

  /**
   * Live sessions, last used first. @param present the session that asks, where it is one
   * @throws NotFound
   */
  async function sessionsOf(id: UserId, present?: SessionId): Promise<SessionView[]> {
    await rows.require(id)
    return sessions.list(id, present)
  }

  /** Ends one session of the account. @throws NotFound without such a live session */
  async function endSession(id: UserId, sessionId: SessionId, author: Author): Promise<void> {
    await rows.require(id)
    if (!(await sessions.end(id, sessionId, 'revoked'))) {
      throw NotFound({ detail: ({ details }) => details.accountHasNoSession })
    }
    audit.record({ type: 'session_revoked', userId: id, sessionId, ...author })
  }

  /** Ends all sessions. @returns how many were live @throws NotFound */
  async function endSessions(id: UserId, author: Author): Promise<number> {
    await rows.require(id)
    const ended = await sessions.endAllOf(id)
    audit.record({ type: 'sessions_ended', userId: id, ...author, detail: String(ended) })
    return ended
  }

  /** Lets unknown devices sign in again after too many failures. @throws NotFound */
  async function unlock(id: UserId, author: Author): Promise<void> {
    await rows.require(id)
    await lockout.unlock(id)
    await factorLockout.unlock(id)
    audit.record({ type: 'account_unlocked', userId: id, ...author })
  }

  /** Whether there are factors or recovery codes. @throws NotFound */
  async function hasFactors(id: UserId): Promise<boolean> {
    await rows.require(id)
    return (await factorStore.listOf(id)).length > 0
  }

  /**
   * Takes away all factors and recovery codes, for somebody who has lost them and whom the author
   * knows; the password alone signs in. All sessions end.
   * @returns whether there were any @throws NotFound
   */
  async function removeFactors(id: UserId, author: Author): Promise<boolean> {
    const device = onlyLanguageOf(author.device)
    const hadAny = await rows
      .change(id, {}, async (user) => {
        const columns = { secondFactor: false, credentialVersion: { increment: 1 } }
        return sessions.endInTransaction(async (tx, endAll) => {
          if (!(await administeredUsers.change(tx, user, columns))) return undefined
          if ((await factorStore.removeAll(tx, id)) === 0) throw new NoFactors()
          await endAll({ userId: id }, 'factors_changed')
          const whose = { address: user.email, userId: id, device }
          await mail.queue(tx, { kind: 'factor_removed', ...whose })
          return true
        })
      })
      .catch(falseWithoutFactors)
    const who = author.actorId === null ? 'an operator' : 'an administrator'
    if (hadAny)
      audit.record({ type: 'factor_removed', userId: id, ...author, detail: `all, by ${who}` })
    return hadAny
  }

  /**
   * Mails a code for a new password, past all limits; who has been invited is invited again.
   * @throws NotFound, also for a disabled account and where no mails are sent; Overloaded
   */
  async function sendReset(id: UserId, author: Author): Promise<void> {
    const user = await rows.require(id)
    const device = onlyLanguageOf(author.device)
    if (!mail.isOn) throw NotFound({ detail: ({ details }) => details.noMail })
    if (user.disabledAt) throw NotFound({ detail: ({ details }) => details.accountDisabled })
    if (invitedUsers.isInvited(user)) await invitations.inviteAgain(user, device)
    else await recovery.sendTo(user, device)
    audit.record({ type: 'password_reset_sent', userId: id, ...author })
  }

  return { sessionsOf, endSession, endSessions, unlock, hasFactors, removeFactors, sendReset }
}

/** Undoes the transaction. */
class NoFactors extends Error {}

function falseWithoutFactors(error: unknown): false {
  if (error instanceof NoFactors) return false
  throw error
}
