import type { Session } from '../../generated/sqlite/client.ts'
import type { Transport } from './rotation.ts'

/** What a session shows to its user. */
export type SessionView = {
  id: string
  current: boolean
  createdAt: string
  lastUsedAt: string
  expiresAt: string
  ip: string | null
  userAgent: string | null
  transport: Transport
}

export function sessionView(session: Session, currentId: string): SessionView {
  return {
    id: session.id,
    current: session.id === currentId,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.rotatedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    ip: session.ip,
    userAgent: session.userAgent,
    transport: transportName(session),
  }
}

export function transportName({ transport }: Session): Transport {
  return transport === 'cookie' ? 'cookie' : 'body'
}
