import type { AuditType } from '../../contract/audit-type.ts'
import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { createWriteBehind } from '../../platform/database/write-behind.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import { createChain } from './chain.ts'
import { createDays } from './days.ts'
import { type AuditEntry, type AuditEvent, eventOf } from './event.ts'
import { createFolding } from './folding.ts'
import { createForgetting } from './forgetting.ts'
import { createAuditReading } from './reading.ts'
import { createRetention } from './retention.ts'
import { createAuditVerifier } from './verify.ts'

/** How often events without a row of their own get one together. */
export const COUNTING_INTERVAL_MS = 300_000

export type Audit = ReturnType<typeof createAudit>
type Dependencies = {
  db: Database
  statements: Statements
  dialect: Dialect
  secrets: MasterSecrets
  cursors: Cursors
  clock: Clock
  log: Log
  /** Age at which events are deleted. */
  keepMs: number
}

/** Writes a log line for each security event (ASVS 5.0 16.3), and a row in a chain of hashes. */
export function createAudit(dependencies: Dependencies) {
  const { db, statements, dialect, secrets, cursors, clock, log, keepMs } = dependencies
  const days = createDays({ statements, dialect, secrets })
  const folding = createFolding()
  const counts = new Map<AuditType, number>()
  const nextId = createIds<string>()
  const chain = createChain({ statements, days, clock, log })
  const { clean: removeOld } = createRetention({ db, statements, days, clock, keepMs })
  const { forget, forgetLate } = createForgetting({ db, statements, clock })
  const rows = createWriteBehind<AuditEvent>({ name: 'audit entries', write: chain.append, log })

  /**
   * Records an event after it is done. A queue writes the row, so no request waits for it; without
   * the database there is still the log line.
   */
  function record(entry: AuditEntry): void {
    const { type, userId, sessionId, device, detail } = entry
    counts.set(type, (counts.get(type) ?? 0) + 1)
    const { requestId, trace, ip } = device ?? {}
    log.info({ requestId, ...trace, event: type, userId, sessionId, ip, detail }, 'security event')
    const at = new Date(clock())
    for (const row of folding.add(eventOf(entry, nextId(at), at))) rows.add(row)
  }

  /** Gives a row to the events that share one. */
  function writeCounts(): void {
    for (const row of folding.take()) rows.add(row)
  }

  /** Deletes a batch of expired entries. @returns whether there may be more */
  async function clean(): Promise<boolean> {
    const isMore = await removeOld()
    if (!isMore) await forgetLate()
    return isMore
  }

  return {
    ...{ record, writeCounts, clean, forget },
    ...createAuditReading({ db, dialect, cursors }),
    ...createAuditVerifier({ db, days }),
    reseal: days.reseal,
    /** Resolves when all events so far have their row. */
    async written(): Promise<void> {
      writeCounts()
      await rows.written()
    },
    /** Writes the queue, for a few seconds at most. */
    async close(): Promise<void> {
      writeCounts()
      await rows.close()
    },
    /** Events without a row: the queue was full, or the database refused it. */
    droppedEvents: rows.dropped,
    /** How often this process has recorded each type. */
    counts: (): ReadonlyMap<AuditType, number> => counts,
  }
}
