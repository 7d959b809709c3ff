import type { SessionId } from '../platform/ids.ts'
import type { Transport } from './session.ts'
import type { SessionUser } from './user.ts'

/** A session that was opened or refreshed, with its new tokens. */
export type IssuedSession = {
  user: SessionUser
  session: { id: SessionId; transport: Transport; authTime: Date }
  accessToken: string
  refreshToken: string
  /** Whole seconds from `serverTime`, as are the next two. */
  expiresIn: number
  refreshExpiresIn: number
  refreshAfter: number
  serverTime: Date
}
