import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { sql } from '../../platform/database-sql.ts'
import type { Statements } from '../../platform/database-statements.ts'
import { deleteOldest } from '../../platform/delete-oldest.ts'
import type { Device } from '../../platform/device.ts'
import type { Log } from '../../platform/log.ts'

/** How long an entry is kept: 90 days. */
const KEEP_MS = 90 * 86_400_000
const CLEANING_BATCH = 500

export type AuditType =
  | 'registered'
  | 'signed_in'
  | 'sign_in_failed'
  | 'sign_in_locked'
  | 'signed_out'
  | 'session_revoked'
  | 'refresh_token_reused'
  | 'session_restored'
  | 'password_changed'
  | 'profile_changed'
  | 'role_changed'
  | 'account_disabled'
  | 'account_enabled'
  | 'account_unlocked'
  | 'account_deleted'
  | 'house_changed_by_admin'
  | 'house_deleted_by_admin'

export type AuditEntry = {
  type: AuditType
  userId?: string | null
  sessionId?: string | null
  device?: Device | undefined
  /** A short fact, never a secret and never what a person typed. */
  detail?: string
}

export type Audit = ReturnType<typeof createAudit>
type Needs = { db: Database; statements: Statements; clock: Clock; log: Log }

/** Who did what, when: one row and one log line for each security event (ASVS 5.0 16.3). */
export function createAudit({ db, statements, clock, log }: Needs) {
  /**
   * Records what has happened. The thing itself is done and acknowledged by then, so a failure to
   * write the row is logged and not thrown: the log line still tells.
   */
  async function record({ type, userId, sessionId, device, detail }: AuditEntry): Promise<void> {
    const at = new Date(clock())
    log.info({ event: type, userId, sessionId, ip: device?.ip, detail }, 'security event')
    try {
      await statements.execute(sql`
        INSERT INTO AuditEvent (id, at, type, userId, sessionId, ip, userAgent, detail)
        VALUES (${uuidv7()}, ${at}, ${type}, ${userId ?? null}, ${sessionId ?? null},
          ${device?.ip ?? null}, ${device?.userAgent ?? null}, ${detail ?? null})`)
    } catch (error) {
      log.error({ err: error, event: type, userId }, 'the audit entry could not be written')
    }
  }

  /**
   * Deletes entries past their time, a bounded number at a time.
   * @returns whether there is more to delete
   */
  async function clean(): Promise<boolean> {
    const before = new Date(clock() - KEEP_MS)
    return deleteOldest(db, { table: 'AuditEvent', column: 'at', before, batch: CLEANING_BATCH })
  }

  return { record, clean }
}
