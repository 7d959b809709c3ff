import type { Prisma } from '../generated/sqlite/client.ts'
import type { TableKey } from '../platform/database/copy-rows.ts'

/** The primary key of each table, in an order in which no row comes before one that it names. */
const KEYS: Record<Uncapitalize<Prisma.ModelName>, readonly string[]> = {
  user: ['id'],
  session: ['id'],
  factor: ['id'],
  recoveryCode: ['factorId', 'hash'],
  identity: ['id'],
  signingKey: ['id'],
  auditEvent: ['id'],
  auditDay: ['day'],
  house: ['id'],
  note: ['id'],
  photo: ['id'],
  idempotentRequest: ['userId', 'keyHash'],
  signInFailures: ['subject', 'device'],
  challenge: ['id'],
  mail: ['id'],
}

export const TABLE_KEYS: readonly TableKey[] = Object.entries(KEYS)
