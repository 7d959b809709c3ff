import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { createWriteBehind } from '../../platform/database/write-behind.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import { createFolding } from './folding.ts'
import { type AuditRow, insertAuditRows } from './rows.ts'

/** 90 days. */
const KEEP_MS = 90 * 86_400_000

export type AuditType =
  | 'registered'
  | 'account_created'
  | 'invitation_accepted'
  | 'signed_in'
  | 'stepped_up'
  | 'sign_in_failed'
  | 'sign_in_locked'
  | 'signed_out'
  | 'session_revoked'
  | 'sessions_ended'
  | 'signing_keys_replaced'
  | 'refresh_token_reused'
  | 'session_restored'
  | 'password_changed'
  | 'password_reset_sent'
  | 'password_reset'
  | 'challenge_failed'
  | 'second_factor_failed'
  | 'second_factor_changed'
  | 'factor_added'
  | 'factor_removed'
  | 'factor_cloned'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  | 'email_verified'
  | 'email_change_asked'
  | 'email_changed'
  | 'email_change_undone'
  | 'profile_changed'
  | 'role_changed'
  | 'account_disabled'
  | 'account_enabled'
  | 'account_unlocked'
  | 'account_deleted'
  | 'mail_failed'
  | 'house_changed_by_admin'
  | 'house_deleted_by_admin'

export type AuditEntry = {
  type: AuditType
  userId?: UserId | null
  /** Who did it, where it was somebody else; null for an operator on the command line. */
  actorId?: UserId | null
  sessionId?: SessionId | null
  device?: Device | undefined
  /** A short fact; never a secret or what a person typed. */
  detail?: string | null
}

export type Audit = ReturnType<typeof createAudit>
type Dependencies = {
  db: Database
  statements: Statements
  dialect: Dialect
  clock: Clock
  log: Log
}

/** Writes a log line for each security event (ASVS 5.0 16.3), and a row to search in. */
export function createAudit({ db, statements, dialect, clock, log }: Dependencies) {
  const folding = createFolding()
  const rows = createWriteBehind<AuditRow>({
    name: 'audit entries',
    write: (entries) => insertAuditRows(statements, dialect, entries),
    log,
  })

  /**
   * Records an event after it is done. A queue writes the row, so no request waits for it; without
   * the database there is still the log line.
   */
  function record(entry: AuditEntry): void {
    const { type, userId, sessionId, device, detail } = entry
    log.info({ event: type, userId, sessionId, ip: device?.ip, detail }, 'security event')
    rows.add(rowOf(entry))
  }

  function rowOf({ type, userId = null, sessionId = null, device, detail = null }: AuditEntry) {
    const { ip = null, userAgent = null } = device ?? {}
    const at = clock()
    const shared = folding.foldedInto({ at, type, userId, ip })
    const [id, isFolded] = [shared ?? uuidv7(), shared !== undefined]
    return { id, at: new Date(at), type, userId, sessionId, ip, userAgent, detail, isFolded }
  }

  /** Deletes a batch of expired entries. @returns whether there may be more */
  async function clean(): Promise<boolean> {
    const before = new Date(clock() - KEEP_MS)
    return deleteOldest(db, { table: 'AuditEvent', column: 'at', before })
  }

  return {
    record,
    clean,
    /** Resolves when all events so far have their row. */
    written: rows.written,
    /** Writes the queue, for a few seconds at most. */
    close: rows.close,
    /** Events without a row: the queue was full, or the database refused it. */
    droppedEvents: rows.dropped,
  }
}
