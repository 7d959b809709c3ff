import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { UserId } from '../../platform/ids.ts'
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

  function issue(user: User, session: Session, { device, amr }: SessionStart): IssuedSession {
    const ids = { userId: user.id, sessionId: session.id }
    audit.record({ type: 'signed_in', ...ids, device, detail: amr })
    return tokens.issueTokens(user, session, session.rotatedAt)
  }

  async function endBeyondLimit(userId: UserId, now: Date): Promise<void> {
    for (const sessionId of await store.beyondLimit(userId, now)) {
      if (!(await end(sessionId, 'session_limit'))) continue
      audit.record({ type: 'session_revoked', userId, sessionId, detail: 'session_limit' })
    }
  }

  return { open, openFirst }
}
