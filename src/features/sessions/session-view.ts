import type { SessionView } from '../../contract/session-list.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { Session } from './session.ts'

export function sessionView(session: Session, currentId: SessionId | undefined): SessionView {
  const { id, ip, userAgent, transport } = session
  return {
    ...{ id, current: id === currentId, ip, userAgent, transport },
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.rotatedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  }
}
