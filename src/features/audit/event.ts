import { createHash } from 'node:crypto'
import type { AuditType } from '../../contract/audit-type.ts'
import { randomBits } from '../../platform/crypto/random.ts'
import { type Device, printable } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'

/** What happened to whom. */
export type AuditEntry = {
  type: AuditType
  /** Whom it is about. */
  userId?: UserId | null
  sessionId?: SessionId | null
  device?: Device | undefined
  /** Who did it, if it was not the user: an administrator, or null for an operator. */
  actorId?: UserId | null
  /** A short fact or the reason, in words for machines; never a secret or what a person typed. */
  detail?: string | null
}

/** Events without a proof of who acted: their device may be anybody's. */
const UNPROVEN: ReadonlySet<AuditType> = new Set<AuditType>([
  'sign_in_failed',
  'sign_in_locked',
  'refresh_token_reused',
  'challenge_failed',
  'second_factor_failed',
  'factor_cloned',
])

/** A row of the table, before it has a place in the chain. */
export type AuditEvent = {
  id: string
  at: Date
  type: AuditType
  userId: string | null
  actorId: string | null
  sessionId: string | null
  requestId: string | null
  ip: string | null
  userAgent: string | null
  detail: string | null
  count: number
}

/** The row of an entry. */
export function eventOf(entry: AuditEntry, id: string, at: Date): AuditEvent {
  const { type, userId = null, sessionId = null, device, detail } = entry
  return {
    ...{ id, at },
    ...{ type, userId, actorId: actorOf(entry), sessionId },
    requestId: device?.requestId ?? null,
    // The account goes, and its address with it: this row is written after that.
    ip: type === 'account_deleted' ? null : (device?.ip ?? null),
    userAgent: type === 'account_deleted' ? null : (device?.userAgent ?? null),
    detail: detail ? printable(detail) : null,
    count: 1,
  }
}

/** A request changes what is the user's own, unless the entry names somebody else. */
function actorOf({ type, userId = null, actorId, device }: AuditEntry): UserId | null {
  if (actorId !== undefined) return actorId
  return device && !UNPROVEN.has(type) ? userId : null
}

/** Who uses the address of an event: the one who acted, or else the one whom it is about. */
export function ownerOf({ userId, actorId }: Pick<AuditEvent, 'userId' | 'actorId'>) {
  return actorId ?? userId
}

type Origin = { origin: string | null; originSalt: string | null }
type From = Pick<AuditEvent, 'ip' | 'userAgent'>

/** Commits to address and device, so that a hash over it stays right when they are forgotten. */
export function originOf({ ip, userAgent }: From): Origin {
  if (ip === null && userAgent === null) return { origin: null, originSalt: null }
  const originSalt = randomBits().toString('base64url')
  return { origin: originHash(originSalt, { ip, userAgent }), originSalt }
}

export function originHash(salt: string, { ip, userAgent }: From): string {
  return sha256(JSON.stringify([salt, ip, userAgent]))
}

/** A row with its place in the chain. */
export type ChainedEvent = AuditEvent & Origin & { day: number; seq: number; hash: string }

/** Covers the row before it and each column but the address, the device and their salt. */
export function chainHash(previous: string, row: Omit<ChainedEvent, 'hash'>): string {
  const { day, seq, id, at, type, userId, actorId, sessionId, requestId, detail, count } = row
  const who = [type, userId, actorId, sessionId, requestId, detail, count, row.origin]
  return sha256(JSON.stringify([previous, day, seq, id, at.getTime(), ...who]))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
