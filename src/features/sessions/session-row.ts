import { v7 as uuidv7 } from 'uuid'
import type { Session, User } from '../../generated/sqlite/client.ts'
import type { Device } from '../../platform/device.ts'
import type { Transport } from './rotation.ts'

export type Lifetimes = {
  accessSeconds: number
  refreshSeconds: number
  sessionSeconds: number
  /** The window after a rotation in which a session does not rotate again. */
  graceSeconds: number
  /** Whether a spent refresh token is forgiven until its successor was seen. */
  forgivesUnseen: boolean
}

/** How and where a session begins; `amr` says what was checked (RFC 8176). */
export type Beginning = { transport: Transport; device: Device; amr: string }

/** The row of a session that begins now. */
export function newSession(
  user: Pick<User, 'id'>,
  { transport, device, amr }: Beginning,
  now: Date,
  lifetimes: Lifetimes,
): Session {
  const endsAt = new Date(now.getTime() + lifetimes.sessionSeconds * 1000)
  return {
    id: uuidv7({ msecs: now.getTime() }),
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
    ...device,
  }
}

/** When a session that was used now ends without another use: never past its absolute end. */
export function idleEnd(
  now: Date,
  { endsAt }: Pick<Session, 'endsAt'>,
  { refreshSeconds }: Pick<Lifetimes, 'refreshSeconds'>,
): Date {
  return new Date(Math.min(now.getTime() + refreshSeconds * 1000, endsAt.getTime()))
}
