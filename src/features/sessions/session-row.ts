import type { Transport } from '../../contract/session.ts'
import type { SessionUser } from '../../contract/user.ts'
import { newId } from '../../platform/crypto/ids.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { OwnedSession, Session } from './session.ts'

export type Lifetimes = {
  accessSeconds: number
  refreshSeconds: number
  sessionSeconds: number
  graceSeconds: number
  /** Whether a used refresh token is forgiven until its successor was seen. */
  forgivesUnseen: boolean
}

/** `amr` says what was checked (RFC 8176). */
export type SessionStart = { transport: Transport; device: Device; amr: string }

export function newSession(
  user: Pick<SessionUser, 'id'>,
  { transport, device, amr }: SessionStart,
  now: Date,
  lifetimes: Lifetimes,
): OwnedSession {
  const endsAt = new Date(now.getTime() + lifetimes.sessionSeconds * 1000)
  return {
    id: newId<SessionId>(now),
    userId: user.id,
    generation: 1,
    lowestLiving: 1,
    seenGeneration: 0,
    rotatedAt: now,
    rotationKeyHash: null,
    createdAt: now,
    expiresAt: idleEnd(now, { endsAt }, lifetimes),
    endsAt,
    revokedAt: null,
    revokedReason: null,
    renewedAt: null,
    transport,
    authTime: now,
    amr,
    ip: device.ip,
    userAgent: device.userAgent,
  }
}

/** When a session that is used now expires: at its absolute end at the latest. */
export function idleEnd(
  now: Date,
  { endsAt }: Pick<Session, 'endsAt'>,
  { refreshSeconds }: Pick<Lifetimes, 'refreshSeconds'>,
): Date {
  return new Date(Math.min(now.getTime() + refreshSeconds * 1000, endsAt.getTime()))
}
