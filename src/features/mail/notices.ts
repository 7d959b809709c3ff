import type { Database } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { createWriteBehind } from '../../platform/database/write-behind.ts'
import type { Device } from '../../platform/device.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { NoticeKind } from './kinds.ts'
import type { Mail } from './service.ts'

export type Notice = {
  kind: NoticeKind
  /** An id that no account has makes a row for nobody, at the same cost. */
  userId: string
  device: Device
}

export type Notices = ReturnType<typeof createNotices>
type Dependencies = {
  db: Database
  statements: Statements
  log: Log
  rateLimits: Pick<RateLimits<'notices' | 'daily_notices'>, 'consume'>
  mail: Pick<Mail, 'isOn' | 'queue'>
}

/**
 * Notices of what happens outside a transaction, such as a sign-in. They are written in the
 * background: no request waits for one, or fails with it. Others go with `mail.queue`, in the
 * transaction of their cause.
 */
export function createNotices({ db, statements, log, rateLimits, mail }: Dependencies) {
  const rows = createWriteBehind<Notice>({ name: 'notices', write, log })

  /** Those that must not be written again where another one of their batch failed. */
  const written = new WeakSet<Notice>()

  /** Adds a notice, unless the account has had enough of its kind. */
  function add(notice: Notice): void {
    if (!mail.isOn) return
    rateLimits.consume(limitOf(notice), `${notice.kind} ${notice.userId}`).then(
      () => rows.add(notice),
      // The audit log has every event.
      () => undefined,
    )
  }

  async function write(notices: readonly Notice[]): Promise<void> {
    for (const notice of notices) {
      if (written.has(notice)) continue
      const { kind, device } = notice
      const user = await findOpen(notice.userId)
      await mail.queue(db, { kind, address: user?.email, userId: user?.id, device })
      written.add(notice)
    }
  }

  /** Undefined where the account is closed, or there is none. */
  async function findOpen(id: string): Promise<{ id: UserId; email: string } | undefined> {
    const [user] = await statements.select<{ id: UserId; email: string }>(
      sql`SELECT id, email FROM User WHERE id = ${id} AND disabledAt IS NULL`,
    )
    return user
  }

  return {
    add,
    /** Resolves when all notices so far are in the outbox. */
    written: rows.written,
    close: rows.close,
  }
}

/** A thief of a password who tries codes could fill a mailbox: the owner knows it after one. */
function limitOf({ kind }: Notice): 'notices' | 'daily_notices' {
  return kind === 'second_factor_failed' ? 'daily_notices' : 'notices'
}
