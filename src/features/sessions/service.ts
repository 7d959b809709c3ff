import type { Session, User } from '../../generated/sqlite/client.ts'
import type { Budgets } from '../../platform/budgets.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database.ts'
import type { Statements } from '../../platform/database-statements.ts'
import type { Device } from '../../platform/device.ts'
import { NotFound, SessionEnded } from '../../platform/error-table.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Audit } from '../audit/service.ts'
import { createRefresh } from './refresh.ts'
import { endedSession, type Revocations, type Revoked } from './revocations.ts'
import type { Transport } from './rotation.ts'
import { createSeenTokens } from './seen-tokens.ts'
import { type Beginning, idleEnd, type Lifetimes, newSession } from './session-row.ts'
import { type SessionView, sessionView, transportName } from './session-view.ts'
import { createSessionStore, type EndReason } from './store.ts'
import type { OpenedSession, Tokens } from './tokens.ts'

const KEEP_ENDED_MS = 86_400_000
const CLEANING_BATCH = 500

/** Ends the sessions of a user, all or all but one. */
type EndAll = (whose: { userId: string; except?: string }, reason: EndReason) => Promise<void>
/** Starts a session's next generation after a new proof of identity; every older token is dead. */
type Renew = (sessionId: string, device: Device) => Promise<Session>

export type Sessions = ReturnType<typeof createSessions>
type Needs = {
  db: Database
  statements: Statements
  clock: Clock
  tokens: Tokens
  revocations: Revocations
  audit: Audit
  budgets: Budgets
  lifetimes: Lifetimes
}

/** Sessions: opened by a sign-in, carried on by refreshes, ended by whatever comes first. */
export function createSessions(needs: Needs) {
  const { db, statements, clock, tokens, revocations, audit, budgets, lifetimes } = needs
  const store = createSessionStore(db, statements)
  const seen = createSeenTokens({ store })

  /**
   * Opens a session for a user whose credentials were checked.
   * @returns undefined when the password changed, or the account was disabled or deleted, meanwhile
   */
  async function open(user: User, beginning: Beginning): Promise<OpenedSession | undefined> {
    const now = new Date(clock())
    const session = newSession(user, beginning, now, lifetimes)
    if (!(await store.insert(session, user.credentialVersion))) return undefined
    await endBeyondLimit(user.id, now)
    return await announce(user, session, beginning)
  }

  /** Opens the first session of a user who is created in the same transaction. */
  async function openFirst(
    user: User,
    beginning: Beginning,
    create: (tx: Transaction) => Promise<void>,
  ): Promise<OpenedSession> {
    const session = newSession(user, beginning, new Date(clock()), lifetimes)
    await inTransaction(db, async (tx) => {
      await create(tx)
      await store.insert(session, user.credentialVersion, (text) => tx.$executeRaw(text))
    })
    return await announce(user, session, beginning)
  }

  async function announce(
    user: User,
    session: Session,
    { device, amr }: Beginning,
  ): Promise<OpenedSession> {
    await audit.record({
      type: 'signed_in',
      sessionId: session.id,
      userId: user.id,
      device,
      detail: amr,
    })
    return tokens.handOut(user, session, session.rotatedAt)
  }

  async function endBeyondLimit(userId: string, now: Date): Promise<void> {
    for (const sessionId of await store.beyondLimit(userId, now)) {
      if (!(await end(sessionId, 'session_limit'))) continue
      await audit.record({ type: 'session_revoked', userId, sessionId, detail: 'session_limit' })
    }
  }

  /** @returns whether this call ended the session */
  async function end(id: string, reason: EndReason, userId?: string): Promise<boolean> {
    const now = new Date(clock())
    const isLate = reason === 'signed_out' || reason === 'expired'
    const live = isLate ? {} : { expiresAt: { gt: now } }
    const ended = await store.endOne(id, reason, now, { ...(userId ? { userId } : {}), ...live })
    if (ended) await revocations.refuse([endedSession(id)])
    return ended
  }

  /** Signs out: the session is over, if it was not before. */
  async function signOut(sessionId: string, userId: string, device: Device): Promise<void> {
    const ended = await end(sessionId, 'signed_out', userId)
    // Another server may have ended it: what is acknowledged here holds here at once.
    if (!ended) return revocations.refuse([endedSession(sessionId)])
    await audit.record({ type: 'signed_out', userId, sessionId, device })
  }

  /**
   * Ends the session whose refresh cookie a new sign-in replaces: nobody could end it any more
   * (ASVS 5.0 7.2.4).
   * @param cookie as it came; what is no token of a session is passed over
   */
  async function endReplaced(cookie: string | undefined, device: Device): Promise<void> {
    const replaced = tokens.namedByRefreshToken(cookie)
    if (replaced) await signOut(replaced.sid, replaced.sub, device)
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
    await revocations.refuse(ids.map(endedSession))
    for (const sessionId of ids) {
      await audit.record({ type: 'session_revoked', userId, sessionId, device })
    }
    return live
  }

  /**
   * Runs statements in one transaction, among them `endAll`, which ends sessions of a user, and `renew`,
   * which renews one and throws SessionEnded where that has ended. Once all of it is committed, this
   * server refuses the access tokens that are dead now.
   */
  async function transact<T>(
    work: (tx: Transaction, endAll: EndAll, renew: Renew) => Promise<T>,
  ): Promise<T> {
    let revoked: Revoked[] = []
    const result = await inTransaction(db, (tx) => {
      revoked = []
      const endAll: EndAll = async (whose, reason) => {
        const { ids } = await store.endAll(tx, whose, reason, new Date(clock()))
        revoked.push(...ids.map(endedSession))
      }
      const renew: Renew = async (sessionId, device) => {
        const session = await renewWithin(tx, sessionId, device)
        revoked.push(session)
        return session
      }
      return work(tx, endAll, renew)
    })
    await revocations.refuse(revoked)
    return result
  }

  /** @throws SessionEnded when the session has ended */
  async function renewWithin(tx: Transaction, id: string, device: Device): Promise<Session> {
    const now = new Date(clock())
    const before = await tx.session.findUnique({ where: { id } })
    if (!before || !(await store.renew(tx, id, idleEnd(now, before, lifetimes), now, device))) {
      throw SessionEnded()
    }
    return await tx.session.findUniqueOrThrow({ where: { id } })
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
    return store.deleteOver(before, CLEANING_BATCH)
  }

  return {
    open,
    openFirst,
    refresh: createRefresh({ store, clock, tokens, audit, budgets, seen, lifetimes, end }),
    seen,
    signOut,
    endReplaced,
    revoke,
    revokeOthers,
    transact,
    transportOf,
    list,
    countLive,
    handOut: tokens.handOut,
    clean,
  }
}
