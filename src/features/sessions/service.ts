import { SessionEnded } from '../../contract/errors.ts'
import type { Transport } from '../../contract/session.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import type { Notices } from '../mail/notices.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { Tokens } from '../tokens/service.ts'
import type { SignInTime } from '../users/sign-in-time.ts'
import { createEndingStore } from './ending-store.ts'
import { createRefresh } from './refresh.ts'
import { createSeenTokens } from './seen-tokens.ts'
import { createSessionEnding } from './session-ending.ts'
import { createSessionOpening } from './session-opening.ts'
import type { Lifetimes } from './session-row.ts'
import { createSessionTransaction } from './session-transaction.ts'
import { sessionView } from './session-view.ts'
import { createSessionStore } from './store.ts'

/** How long rows stay after the last access token of an ended session. */
const KEEP_ENDED_MS = 86_400_000

export type Sessions = ReturnType<typeof createSessions>
type Dependencies = {
  db: Database
  dialect: Dialect
  statements: Statements
  signInTime: SignInTime
  clock: Clock
  tokens: Tokens
  revocations: Revocations
  audit: Audit
  notices: Pick<Notices, 'add'>
  rateLimits: Pick<RateLimits<'refresh'>, 'consume'>
  lifetimes: Lifetimes
}

/** A sign-in opens a session, refreshes continue it, and it ends or expires. */
export function createSessions(dependencies: Dependencies) {
  const { tokens, clock, lifetimes } = dependencies
  const store = { ...createSessionStore(dependencies), ...createEndingStore(dependencies) }
  const seen = createSeenTokens({ store })
  const parts = { ...dependencies, store }
  const { end, ...ending } = createSessionEnding(parts)

  /**
   * Ends the session whose refresh cookie a new sign-in replaces: nobody could end it any more
   * (ASVS 5.0 7.2.4). @param cookie as received @param present the new one, which a retry may name
   */
  async function endPreviousSession(
    cookie: string | undefined,
    device: Device,
    present?: SessionId,
  ): Promise<void> {
    const previous = cookie === undefined ? undefined : tokens.tryRefreshToken(cookie)
    if (previous && previous.sid !== present)
      await ending.signOut(previous.sub, previous.sid, device)
  }

  /** @throws SessionEnded */
  async function transportOf(userId: UserId, sessionId: SessionId): Promise<Transport> {
    const found = await store.find(userId, sessionId)
    if (!found) throw SessionEnded()
    return found.session.transport
  }

  /** Live sessions of the user, last used first. @param currentId the one that asks, if one does */
  async function list(userId: UserId, currentId?: SessionId) {
    const rows = await store.listLive(userId, new Date(clock()))
    return rows.map((row) => sessionView(row, currentId))
  }

  /** Whether a live session that the password has opened was last used in the device's network. */
  async function hasNear(userId: UserId, { ip }: Device): Promise<boolean> {
    const rows = await store.listLive(userId, new Date(clock()))
    const byPassword = rows.filter(({ amr }) => amr.split(' ').includes('pwd'))
    return ip !== null && byPassword.some((row) => row.ip && networkOf(row.ip) === networkOf(ip))
  }

  function countLive(userId: UserId): Promise<number> {
    return store.countLive(userId, new Date(clock()))
  }

  const countAllLive = () => store.countAllLive(new Date(clock()))

  /**
   * Deletes a batch of ended sessions, a day after their last access token expired: the revocation
   * feed reads them. @returns whether there may be more
   */
  function clean(): Promise<boolean> {
    return store.deleteEnded(new Date(clock() - KEEP_ENDED_MS - lifetimes.accessSeconds * 1000))
  }

  return {
    ...createSessionOpening({ ...parts, end }),
    ...ending,
    ...createRefresh({ ...parts, seen, end }),
    ...createSessionTransaction(parts),
    ...{
      seen,
      end,
      endPreviousSession,
      transportOf,
      list,
      hasNear,
      countLive,
      countAllLive,
      clean,
    },
    leave: store.leave,
  }
}
