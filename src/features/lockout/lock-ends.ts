import type { Database } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'
import { UNKNOWN, UNKNOWN_HERE } from './failure-store.ts'
import type { Locks } from './locks.ts'

export type LockEnds = ReturnType<typeof createLockEnds>
type Dependencies = { db: Database; locks: Pick<Locks, 'isLocked'>; failuresMax: number }

/** Until when accounts are locked for unknown devices, for those who look after accounts. */
export function createLockEnds({ db, locks, failuresMax }: Dependencies) {
  /** @returns the end of each lock by account; that of its row where it does not end by itself */
  async function lockEndsOf(ids: readonly UserId[]): Promise<ReadonlyMap<string, Date>> {
    const where = { subject: { in: [...ids] }, device: { in: [UNKNOWN, UNKNOWN_HERE] } }
    const rows = await db.signInFailures.findMany({ where })
    const ends = new Map<string, Date>()
    for (const row of rows.filter(locks.isLocked)) {
      const { subject, failures, lockedUntil, expiresAt } = row
      const end = failures >= failuresMax ? expiresAt : lockedUntil
      const before = ends.get(subject)
      if (end && (before === undefined || before < end)) ends.set(subject, end)
    }
    return ends
  }

  return { lockEndsOf }
}
