import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { EndingStore, EndReason, SessionsOfUser } from './ending-store.ts'

export type SessionEnding = ReturnType<typeof createSessionEnding>
type Dependencies = {
  db: Database
  store: EndingStore
  clock: Clock
  revocations: Revocations
  audit: Audit
}

/** Ends sessions; this server refuses their access tokens immediately. */
export function createSessionEnding(dependencies: Dependencies) {
  const { db, store, clock, revocations, audit } = dependencies

  /** @returns whether this call ended the session */
  async function end(userId: UserId, id: SessionId, reason: EndReason): Promise<boolean> {
    const now = new Date(clock())
    const endsExpired = reason === 'signed_out' || reason === 'expired'
    const only = endsExpired ? {} : { expiresAt: { gt: now } }
    const ended = await store.endOne(userId, id, reason, now, only)
    if (ended) await revocations.refuse({ ended: [id] })
    return ended
  }

  /** Ends a session; it may have ended before. */
  async function signOut(userId: UserId, sessionId: SessionId, device: Device): Promise<void> {
    const ended = await end(userId, sessionId, 'signed_out')
    // Another server may have ended it: this one must refuse its tokens, too.
    if (!ended) return revocations.refuse({ ended: [sessionId] })
    audit.record({ type: 'signed_out', userId, sessionId, device })
  }

  /** Ends a session of the user. @throws NotFound without such a live session */
  async function revoke(userId: UserId, sessionId: SessionId, device: Device): Promise<void> {
    if (!(await end(userId, sessionId, 'revoked'))) {
      throw NotFound({ detail: ({ details }) => details.noSuchSession })
    }
    audit.record({ type: 'session_revoked', userId, sessionId, device })
  }

  /** Ends all other sessions of the user. @returns how many were live */
  async function revokeOthers(userId: UserId, keep: SessionId, device: Device): Promise<number> {
    const { ids, live } = await revokeAll({ userId, except: keep })
    for (const sessionId of ids) {
      audit.record({ type: 'session_revoked', userId, sessionId, device })
    }
    return live
  }

  /** Ends all sessions of the user. @returns how many were live */
  async function endAllOf(userId: UserId): Promise<number> {
    return (await revokeAll({ userId })).live
  }

  async function revokeAll(whose: SessionsOfUser) {
    const ended = await store.endAll(db, whose, 'revoked', new Date(clock()))
    await revocations.refuse({ ended: ended.ids })
    return ended
  }

  /**
   * Deletes the sessions of all users. Their access tokens stay valid until the signing keys are
   * replaced. @returns how many were live
   */
  async function deleteAll(): Promise<number> {
    const live = await store.countAllLive(new Date(clock()))
    while (await store.deleteAny());
    return live
  }

  return { end, signOut, revoke, revokeOthers, endAllOf, deleteAll }
}
