import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import { FIRST_BY_ID, pagesById } from '../../platform/database/pages.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Audit } from '../audit/service.ts'
import type { Seeds } from './seeds.ts'

export const RESEALING_INTERVAL_MS = 600_000

type Row = { id: string; userId: string; secret: string }
/** What was sealed again, and what no listed secret opens: seeds of apps, days of the audit log. */
export type Resealed = { sealed: number; lost: number; days: number; lostDays: number }

type Dependencies = {
  db: Database
  seeds: Pick<Seeds, 'open' | 'seal' | 'needsReseal'>
  secrets: Pick<MasterSecrets, 'count'>
  audit: Pick<Audit, 'reseal'>
  log: Pick<Log, 'info' | 'error'>
}

/** Seals what is stored sealed under the newest secret, so that an older one may go. */
export function createResealing({ db, seeds, secrets, audit, log }: Dependencies) {
  /** Whether all seeds were seen since the start. */
  let isDone = secrets.count === 1

  /** Goes through all once, where several secrets are listed. */
  async function run(stopping: AbortSignal): Promise<void> {
    if (isDone) return
    const { sealed, lost, days, lostDays } = await all(stopping)
    isDone = !stopping.aborted
    if (!isDone) return
    log.info({ sealed, days }, 'the seeds of all apps are sealed with the newest secret')
    if (lost > 0) log.error({ lost }, 'no secret in SECRET opens the seeds of some apps')
    if (lostDays > 0)
      log.error({ lostDays }, 'no secret in SECRET has sealed some days of the audit log')
  }

  async function all(stopping?: AbortSignal): Promise<Resealed> {
    const total = { sealed: 0, lost: 0, days: 0, lostDays: 0 }
    for await (const row of rows()) {
      if (stopping?.aborted) break
      const what = await reseal(row)
      if (what) total[what] += 1
    }
    if (stopping?.aborted) return total
    const { sealed: days, lost: lostDays } = await audit.reseal()
    return { ...total, days, lostDays }
  }

  function rows(): AsyncGenerator<Row> {
    const select = { id: true, userId: true, secret: true }
    return pagesById((id) =>
      db.factor.findMany({ where: { kind: 'totp', id }, select, ...FIRST_BY_ID }),
    )
  }

  /** Another server may be faster. */
  async function reseal({
    id,
    userId: owner,
    secret,
  }: Row): Promise<'sealed' | 'lost' | undefined> {
    if (!seeds.needsReseal(secret)) return undefined
    const userId = owner as UserId
    const seed = tryOpen(secret, userId)
    if (!seed) return 'lost'
    const data = { secret: seeds.seal(seed, userId) }
    const { count } = await db.factor.updateMany({ where: { id, secret }, data })
    return count === 1 ? 'sealed' : undefined
  }

  function tryOpen(secret: string, userId: UserId): Buffer | undefined {
    try {
      return seeds.open(secret, userId)
    } catch {
      return undefined
    }
  }

  return { run, all }
}
