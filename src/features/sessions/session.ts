import type { Transport } from '../../contract/session.ts'
import type { SessionUser } from '../../contract/user.ts'
import type { Session as SessionRow } from '../../generated/sqlite/client.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'

/** A row of the Session table; it has no user once the account is closed. */
export type Session = Omit<SessionRow, 'id' | 'userId' | 'transport' | 'heldAt'> & {
  id: SessionId
  userId: UserId | null
  transport: Transport
}

export type OwnedSession = Session & { userId: UserId }

/** Apart, since no answer is to show more of the user than it means to. */
export type SessionAndUser = { session: Session; user: SessionUser | null }

/** Brands the ids of a row that Prisma returned. Nobody reads when it was held. */
export function sessionOf({ heldAt: _, ...row }: SessionRow): Session {
  return row as Session
}
