import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import { BATCH } from '../../platform/database/batches.ts'
import type { Database } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Audit } from '../audit/service.ts'
import type { Seeds } from './seeds.ts'

export const RESEALING_INTERVAL_MS = 600_000

type Row = { id: string; userId: string; secret: string }
/** Seeds that were sealed again, those that no listed secret opens, and days of the audit log. */
export type Resealed = { sealed: number; lost: number; days: number }

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
    const { sealed, lost, days } = await all(stopping)
    isDone = !stopping.aborted
    if (!isDone) return
    log.info({ sealed, days }, 'the seeds of all apps are sealed with the newest secret')
    if (lost > 0) log.error({ lost }, 'no secret in SECRET opens the seeds of some apps')
  }

  async function all(stopping?: AbortSignal): Promise<Resealed> {
    const total = { sealed: 0, lost: 0, days: 0 }
    for await (const row of rows()) {
      if (stopping?.aborted) break
      const what = await reseal(row)
      if (what) total[what] += 1
    }
    if (!stopping?.aborted) total.days = (await audit.reseal()).sealed
    return total
  }

  /** Of all apps, a batch at a time. */
  async function* rows(): AsyncGenerator<Row> {
    let last: string | undefined = ''
    while (last !== undefined) {
      const batch: Row[] = await db.factor.findMany({
        where: { kind: 'totp', id: { gt: last } },
        orderBy: { id: 'asc' },
        take: BATCH,
        select: { id: true, userId: true, secret: true },
      })
      yield* batch
      last = batch.at(-1)?.id
    }
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
