import { setTimeout as sleep } from 'node:timers/promises'
import { LastAdmin } from '../../contract/errors.ts'
import type { Author } from '../../platform/actor.ts'
import { type Device, onlyLanguageOf } from '../../platform/device.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Audit } from '../audit/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import type { ClosedUsers, DueUser } from '../users/closed-users.ts'
import type { User } from '../users/user.ts'

/** Batches that the request waits for: enough for nearly every account. */
const BATCHES_PER_REQUEST = 20
const BATCHES_PER_RUN = 50
/** Longest wait of a partly deleted account for a free server. */
export const DELETION_INTERVAL_MS = 5_000

/** Deletes one kind of a user's data, in batches. */
type Belongings = (userId: UserId) => AsyncIterable<void>

export type Deletion = ReturnType<typeof createDeletion>
type Dependencies = {
  closedUsers: ClosedUsers
  log: Log
  audit: Audit
  sessions: Sessions
  credentials: Credentials
  mail: Pick<Mail, 'queue'>
  belongings: () => readonly Belongings[]
  /** Deletes what lost its owner, such as files; never throws. */
  sweep: () => Promise<void>
}

/**
 * Deletes accounts of any size. A small transaction closes the account; then its rows go in
 * batches, and the user's row last. After a crash, this row tells any server that work is left.
 */
export function createDeletion(dependencies: Dependencies) {
  const { closedUsers, log, audit, sessions, credentials, mail, belongings, sweep } = dependencies

  /**
   * Deletes the account. When it returns, sessions have ended and the names are free; most accounts
   * are gone, and large ones soon after. @param user from the guard of passwords
   * @throws SessionEnded for a deleted account, WrongPassword if the password has changed,
   *   LastAdmin
   */
  async function remove(user: User, device: Device): Promise<void> {
    const { id: userId } = user
    const isClosed = await close(user, closedUsers.close, device)
    if (!isClosed) return credentials.throwConflict(user)
    audit.record({ type: 'account_deleted', userId, device })
    await clearSoon(userId)
  }

  /**
   * Deletes an account for somebody else, also a disabled one.
   * @returns false if it has changed since it was read @throws LastAdmin
   */
  async function removeFor(user: User, author: Author): Promise<boolean> {
    const { id: userId } = user
    if (!(await close(user, closedUsers.closeVersion, onlyLanguageOf(author.device)))) return false
    audit.record({ type: 'account_deleted', userId, ...author })
    await clearSoon(userId)
    return true
  }

  async function clearSoon(userId: UserId): Promise<void> {
    await clearBatches(userId, BATCHES_PER_REQUEST).catch((err) => {
      log.error(
        { err, userId },
        'the data of a deleted account could not be removed; a later run will retry',
      )
    })
  }

  /**
   * @param device of the owner, or the language alone
   * @returns false if the account has changed since it was read
   */
  function close(user: User, closeRow: ClosedUsers['close'], device: Device): Promise<boolean> {
    return sessions.endInTransaction(async (tx, endAll) => {
      // Locks the user's row, so that nobody can sign in or add anything.
      if (!(await closeRow(tx, user))) return false
      await endAll({ userId: user.id }, 'account_deleted')
      const { email: address, locale } = user
      await mail.queue(tx, { kind: 'account_deleted', address, locale, device })
      return true
    })
  }

  /**
   * Continues a deletion, whichever server began it, or begins an overdue one.
   * @returns whether there may be more to do
   */
  async function proceed(): Promise<boolean> {
    const claimed = await closedUsers.claim()
    if (!claimed) return false
    const { user } = claimed
    if (user && (user.disabledAt || (await closeUnproven(user)))) {
      await clearBatches(user.id, BATCHES_PER_RUN)
    }
    return true
  }

  /** Closes an open account that is due, unless it is in use. @returns whether it is closed */
  async function closeUnproven(user: DueUser): Promise<boolean> {
    const { id: userId } = user
    const isClosed = await sessions
      .endInTransaction(async (tx, endAll) => {
        if (!closedUsers.isUnproven(user) || !(await closedUsers.closeUnproven(tx, user))) {
          return false
        }
        await endAll({ userId }, 'account_deleted')
        return true
      })
      .catch(falseForLastAdmin)
    if (isClosed) audit.record({ type: 'account_deleted', userId, detail: 'not verified' })
    else await closedUsers.keep(user)
    return isClosed
  }

  /** Continues deletions until none is left or the server stops. */
  async function proceedUntil(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted && (await proceed())) {
      // Continues with the next batches, or the next account.
    }
  }

  /** Deletes the data of the account, then the account, in at most this many batches. */
  async function clearBatches(id: UserId, batches: number): Promise<void> {
    if (await clear(id, batches)) await closedUsers.remove(id)
    else await closedUsers.release(id)
    await sweep()
  }

  /** @returns whether nothing is left */
  async function clear(id: UserId, batches: number): Promise<boolean> {
    let left = batches
    for (const belongingsOf of belongings()) {
      let startedAt = performance.now()
      for await (const _ of belongingsOf(id)) {
        left -= 1
        if (left === 0) return false
        // Leaves half of the time to other requests.
        await sleep(performance.now() - startedAt)
        startedAt = performance.now()
      }
    }
    return true
  }

  return { remove, removeFor, proceed, proceedUntil }
}

function falseForLastAdmin(error: unknown): false {
  if (LastAdmin.is(error)) return false
  throw error
}
