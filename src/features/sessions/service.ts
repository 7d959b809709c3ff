import type { Session, User } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database.ts'
import type { Device } from '../../platform/device.ts'
import { InvalidToken, NotFound, SessionEnded, Unavailable } from '../../platform/error-table.ts'
import type { Audit } from '../audit/service.ts'
import type { Revocations } from './revocations.ts'
import { judge, type Presented, type Transport } from './rotation.ts'
import { idleEnd, type Lifetimes, newSession } from './session-row.ts'
import { type SessionView, sessionView, transportName } from './session-view.ts'
import { createSessionStore, type EndReason } from './store.ts'
import type { TokenPair, Tokens } from './tokens.ts'

/** How often a refresh looks again when other requests change the same row meanwhile. */
const REFRESH_ATTEMPTS = 5
const KEEP_ENDED_MS = 86_400_000
const CLEANING_BATCH = 500

/** A session as it is handed to its client. */
export type OpenedSession = TokenPair & { user: User; session: Session }

export type RefreshedSession = OpenedSession & { refreshed: 'rotated' | 'replayed' }

export type Sessions = ReturnType<typeof createSessions>
type Needs = {
  db: Database
  clock: Clock
  tokens: Tokens
  revocations: Revocations
  audit: Audit
  lifetimes: Lifetimes
}

/** Sessions: opened by a sign-in, carried on by refreshes, ended by whatever comes first. */
export function createSessions({ db, clock, tokens, revocations, audit, lifetimes }: Needs) {
  const store = createSessionStore(db)

  /**
   * Opens a session for a user whose credentials were checked.
   * @returns undefined when the password changed, or the account was disabled or deleted, meanwhile
   */
  async function open(
    user: User,
    { transport, device, amr }: { transport: Transport; device: Device; amr: string },
  ): Promise<OpenedSession | undefined> {
    const now = new Date(clock())
    const session = newSession(user, { transport, device, amr }, now, lifetimes)
    if (!(await store.insert(session, user.credentialVersion))) return undefined
    await endBeyondLimit(user.id, now)
    await audit.record({ type: 'signed_in', ...ids(session), device, detail: amr })
    return handOut(user, session, now)
  }

  async function endBeyondLimit(userId: string, now: Date): Promise<void> {
    for (const id of await store.beyondLimit(userId, now)) await end(id, 'session_limit')
  }

  /**
   * Refreshes a session with a genuine refresh token.
   * @throws InvalidToken when the token is not for this transport, SessionEnded when the session is
   *   over, which a reused token makes it
   */
  async function refresh(presented: Presented, device: Device): Promise<RefreshedSession> {
    for (let attempt = 0; attempt < REFRESH_ATTEMPTS; attempt++) {
      const refreshed = await tryRefresh(presented, device)
      if (refreshed) return refreshed
    }
    throw Unavailable()
  }

  /** @returns undefined when another request changed the row meanwhile, so that it must be read again */
  async function tryRefresh(
    presented: Presented,
    device: Device,
  ): Promise<RefreshedSession | undefined> {
    const row = await store.find(presented.claims.sid)
    const now = new Date(clock())
    const verdict = judge(row, presented, now.getTime(), lifetimes.graceSeconds)
    if (verdict === 'foreign') throw InvalidToken()
    if (verdict === 'over' || !row?.user) throw SessionEnded()
    const { user, ...session } = row
    if (verdict === 'reused') return await endReused(session, device)
    if (verdict === 'replay') return { ...handOut(user, session, now), refreshed: 'replayed' }
    const rotated = await rotate(session, presented, device, now)
    return rotated && { ...handOut(user, rotated, now), refreshed: 'rotated' }
  }

  /** @returns the session in its next generation, or undefined when another request was faster */
  async function rotate(
    session: Session,
    { claims, keyHash }: Presented,
    device: Device,
    now: Date,
  ): Promise<Session | undefined> {
    const next = {
      generation: claims.gen + 1,
      rotatedAt: now,
      rotationKeyHash: keyHash,
      expiresAt: idleEnd(now, session, lifetimes),
      ...device,
    }
    if (!(await store.rotate(session, next))) return undefined
    if (claims.gen > session.generation) {
      const lost = `${claims.gen - session.generation} generations`
      await audit.record({ type: 'session_restored', ...ids(session), device, detail: lost })
    }
    return { ...session, ...next }
  }

  async function endReused(session: Session, device: Device): Promise<never> {
    await end(session.id, 'refresh_token_reused')
    await audit.record({ type: 'refresh_token_reused', ...ids(session), device })
    throw SessionEnded()
  }

  /** @returns whether this call ended the session */
  async function end(id: string, reason: EndReason, userId?: string): Promise<boolean> {
    const now = new Date(clock())
    const live = reason === 'signed_out' ? {} : { expiresAt: { gt: now } }
    const ended = await store.endOne(id, reason, now, { ...(userId ? { userId } : {}), ...live })
    if (ended) revocations.rememberEnded([id])
    return ended
  }

  /** Signs out: the session is over, if it was not before. */
  async function signOut(sessionId: string, userId: string, device: Device): Promise<void> {
    const ended = await end(sessionId, 'signed_out', userId)
    // Another server may have ended it: what is acknowledged here holds here at once.
    revocations.rememberEnded([sessionId])
    if (ended) await audit.record({ type: 'signed_out', userId, sessionId, device })
  }

  /**
   * Ends one of the user's own sessions.
   * @throws NotFound when the user has no such live session
   */
  async function revoke(userId: string, sessionId: string, device: Device): Promise<void> {
    if (!(await end(sessionId, 'revoked', userId))) {
      throw NotFound({ detail: 'You have no session with this id.' })
    }
    await audit.record({ type: 'session_revoked', userId, sessionId, device })
  }

  /** Ends all of the user's sessions but one. @returns how many live ones ended */
  async function revokeOthers(userId: string, keep: string, device: Device): Promise<number> {
    const whose = { userId, except: keep }
    const { ids, live } = await store.endAll(db, whose, 'revoked', new Date(clock()))
    revocations.rememberEnded(ids)
    for (const sessionId of ids) {
      await audit.record({ type: 'session_revoked', userId, sessionId, device })
    }
    return live
  }

  /**
   * Ends the user's sessions inside a transaction.
   * @returns their ids; the caller passes them to `rememberEnded` after the commit
   */
  async function endAllWithin(
    tx: Transaction,
    whose: { userId: string; except?: string },
    reason: EndReason,
  ): Promise<string[]> {
    const { ids } = await store.endAll(tx, whose, reason, new Date(clock()))
    return ids
  }

  /**
   * Starts a session's next generation after a new proof of identity, inside a transaction.
   * @throws SessionEnded when it is over
   */
  async function renewWithin(tx: Transaction, sessionId: string, device: Device): Promise<Session> {
    const now = new Date(clock())
    const before = await tx.session.findUnique({ where: { id: sessionId } })
    if (
      !before ||
      !(await store.renew(tx, sessionId, idleEnd(now, before, lifetimes), now, device))
    ) {
      throw SessionEnded()
    }
    return await tx.session.findUniqueOrThrow({ where: { id: sessionId } })
  }

  /** @throws SessionEnded when there is no such session */
  async function transportOf(sessionId: string): Promise<Transport> {
    const session = await store.find(sessionId)
    if (!session) throw SessionEnded()
    return transportName(session)
  }

  /** Lists the user's live sessions, last used first. */
  async function list(userId: string, currentId: string): Promise<SessionView[]> {
    const rows = await store.listLive(userId, new Date(clock()))
    return rows.map((row) => sessionView(row, currentId))
  }

  function countLive(userId: string): Promise<number> {
    return store.countLive(userId, new Date(clock()))
  }

  /**
   * Deletes rows of sessions that nobody asks for any more. They stay a day longer than the last
   * access token, since the revocation feed reads from them.
   * @returns whether there is more to delete
   */
  async function clean(): Promise<boolean> {
    const before = new Date(clock() - KEEP_ENDED_MS - lifetimes.accessSeconds * 1000)
    return (await store.deleteOver(before, CLEANING_BATCH)) >= CLEANING_BATCH
  }

  function handOut(user: User, session: Session, now = new Date(clock())): OpenedSession {
    return { user, session, ...tokens.issuePair(user, session, now) }
  }

  return {
    open,
    refresh,
    signOut,
    revoke,
    revokeOthers,
    endAllWithin,
    renewWithin,
    rememberEnded: revocations.rememberEnded,
    transportOf,
    list,
    countLive,
    handOut,
    clean,
  }
}

function ids({ id, userId }: Session) {
  return { sessionId: id, userId }
}
