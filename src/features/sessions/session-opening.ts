import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import type { Sql } from '../../platform/database/sql.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Tokens } from '../tokens/service.ts'
import type { User } from '../users/user.ts'
import type { Session } from './session.ts'
import type { SessionEnding } from './session-ending.ts'
import { type Lifetimes, newSession, type SessionStart } from './session-row.ts'
import { insertOf, type SessionStore } from './store.ts'

type Dependencies = {
  db: Database
  store: SessionStore
  clock: Clock
  tokens: Tokens
  audit: Audit
  lifetimes: Lifetimes
  end: SessionEnding['end']
}

/** Opens sessions, and ends the oldest beyond the limit. */
export function createSessionOpening(dependencies: Dependencies) {
  const { db, store, clock, tokens, audit, lifetimes, end } = dependencies

  /**
   * Opens a session after a check of the credentials.
   * @returns undefined if the password has changed, or the account was disabled or deleted
   */
  async function open(user: User, start: SessionStart): Promise<IssuedSession | undefined> {
    const session = newSession(user, start, new Date(clock()), lifetimes)
    // Nearly every user is below the limit, so one transaction is enough.
    if (!(await store.openWithinLimit(session, user.credentialVersion))) {
      if (!(await store.open(session, user.credentialVersion))) return undefined
      await endBeyondLimit(user.id, session.createdAt)
    }
    return issue(user, session, start)
  }

  /** Opens the first session of a user, in the transaction that creates him. */
  async function openFirst(
    user: User,
    start: SessionStart,
    create: (tx: Transaction) => Promise<void>,
  ): Promise<IssuedSession> {
    const session = newSession(user, start, new Date(clock()), lifetimes)
    await inTransaction(db, async (tx) => {
      await create(tx)
      await tx.$executeRaw(insertOf(session))
    })
    return issue(user, session, start)
  }

  /**
   * Like `open`, in a transaction of the caller.
   * @param only another condition on the user @param now when it begins
   */
  async function openIn(
    tx: Transaction,
    user: User,
    start: SessionStart,
    only: Sql,
    now = new Date(clock()),
  ): Promise<{ id: SessionId; afterCommit: () => Promise<void> } | undefined> {
    const session = newSession(user, start, now, lifetimes)
    if (!(await store.openIn(tx, session, user.credentialVersion, only))) return undefined
    const { id, createdAt } = session
    return {
      id,
      async afterCommit() {
        record(user, session, start)
        await endBeyondLimit(user.id, createdAt)
      },
    }
  }

  /**
   * The tokens of a session once more, for a lost answer.
   * @param userId null where the challenge that opened it named nobody
   * @param keyHash of the request that must have been the last one to renew or refresh it
   * @returns undefined when it has ended, or another request was the last one
   */
  async function reissue(
    userId: UserId | null,
    id: SessionId,
    keyHash?: string,
  ): Promise<IssuedSession | undefined> {
    const now = new Date(clock())
    const found = await store.find(userId, id)
    if (!found?.user) return undefined
    const { user, session } = found
    if (session.revokedAt !== null || session.expiresAt <= now) return undefined
    if (keyHash !== undefined && keyHash !== session.rotationKeyHash) return undefined
    return tokens.issueTokens(user, session, now)
  }

  function issue(user: User, session: Session, start: SessionStart): IssuedSession {
    record(user, session, start)
    return tokens.issueTokens(user, session, session.rotatedAt)
  }

  function record({ id: userId }: User, { id }: Session, { device, amr }: SessionStart): void {
    audit.record({ type: 'signed_in', userId, sessionId: id, device, detail: amr })
  }

  async function endBeyondLimit(userId: UserId, now: Date): Promise<void> {
    for (const sessionId of await store.beyondLimit(userId, now)) {
      if (!(await end(userId, sessionId, 'session_limit'))) continue
      audit.record({ type: 'session_revoked', userId, sessionId, detail: 'session_limit' })
    }
  }

  return { open, openFirst, openIn, reissue }
}
