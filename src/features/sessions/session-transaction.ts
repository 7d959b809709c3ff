import { SessionEnded } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Revocations, Revoked } from '../tokens/revocations.ts'
import type { EndingStore, EndReason, SessionsOfUser } from './ending-store.ts'
import { type Session, sessionOf } from './session.ts'
import { idleEnd, type Lifetimes } from './session-row.ts'
import type { SessionStore } from './store.ts'

/** Ends all sessions of a user, or all but one. */
type EndAll = (whose: SessionsOfUser, reason: EndReason) => Promise<void>
/** Starts the next generation after a new proof of identity, and revokes all older tokens. */
type Renew = (
  userId: UserId,
  id: SessionId,
  device: Device,
  amrAfter: AmrAfter,
  key: KeyHash,
) => Promise<Session>
/** Of the request that renews, so that its retry is known; null without an `Idempotency-Key`. */
type KeyHash = string | null
/** What a session has proved, from what it had proved before. */
type AmrAfter = (amr: string) => string

type Dependencies = {
  db: Database
  store: Pick<SessionStore, 'renew' | 'hold'> & Pick<EndingStore, 'endAll'>
  clock: Clock
  revocations: Revocations
  lifetimes: Lifetimes
}

/** Ends and renews sessions in one transaction with other changes of the account. */
export function createSessionTransaction(dependencies: Dependencies) {
  const { db, store, clock, revocations, lifetimes } = dependencies

  /**
   * Ends sessions of a user in a transaction of the caller.
   * @returns what to do after the commit: from then on this server refuses their access tokens
   */
  async function endAllIn(
    tx: Transaction,
    whose: SessionsOfUser,
    reason: EndReason,
  ): Promise<() => Promise<void>> {
    const { ids: ended } = await store.endAll(tx, whose, reason, new Date(clock()))
    return () => revocations.refuse({ ended })
  }

  /**
   * Runs statements in one transaction, with `endAll` and `renew`. After the commit this server
   * refuses the revoked access tokens. `renew` throws SessionEnded.
   */
  async function endInTransaction<T>(
    work: (tx: Transaction, endAll: EndAll, renew: Renew) => Promise<T>,
  ): Promise<T> {
    let refusals: (() => Promise<void>)[] = []
    let renewed: Revoked[] = []
    const result = await inTransaction(db, (tx) => {
      ;[refusals, renewed] = [[], []]
      const endAll: EndAll = async (whose, reason) => {
        refusals.push(await endAllIn(tx, whose, reason))
      }
      const renew: Renew = async (...renewal) => {
        const session = await renewInTransaction(tx, ...renewal)
        renewed.push(session)
        return session
      }
      return work(tx, endAll, renew)
    })
    for (const refuse of refusals) await refuse()
    await revocations.refuse({ renewed })
    return result
  }

  /** @throws SessionEnded */
  async function renewInTransaction(
    tx: Transaction,
    userId: UserId,
    id: SessionId,
    device: Device,
    amrAfter: AmrAfter,
    keyHash: KeyHash,
  ): Promise<Session> {
    const now = new Date(clock())
    const before = await tx.session.findUnique({ where: { id, userId } })
    if (!before) throw SessionEnded()
    const expiresAt = idleEnd(now, before, lifetimes)
    const renewal = { now, expiresAt, amr: amrAfter(before.amr), keyHash, ...device }
    if (!(await store.renew(tx, userId, id, renewal))) throw SessionEnded()
    return sessionOf(await tx.session.findUniqueOrThrow({ where: { id, userId } }))
  }

  /**
   * Renews a session in a transaction of the caller. @throws SessionEnded
   * @returns what to do after the commit: from then on this server refuses its older tokens
   */
  async function renewIn(
    tx: Transaction,
    userId: UserId,
    id: SessionId,
    device: Device,
    amrAfter: AmrAfter,
  ): Promise<() => Promise<void>> {
    const renewed = await renewInTransaction(tx, userId, id, device, amrAfter, null)
    return () => revocations.refuse({ renewed: [renewed] })
  }

  /**
   * Makes a change of the account depend on the session that asks for it, in its transaction:
   * somebody who signs out everywhere at this moment finds it done before, or not at all.
   * @returns whether the session is live
   */
  function holdIn(tx: Transaction, userId: UserId, id: SessionId): Promise<boolean> {
    return store.hold(tx, userId, id, new Date(clock()))
  }

  return { endInTransaction, endAllIn, renewIn, holdIn }
}
