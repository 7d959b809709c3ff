import { FEED_INTERVAL_MS } from './features/sessions/revocations.ts'
import { NOTES_INTERVAL_MS } from './features/sessions/seen-tokens.ts'
import type { Log } from './platform/log.ts'
import { type Periodic, startPeriodic } from './platform/periodic.ts'
import type { Services } from './services.ts'

const MINUTE = 60_000
/** Batches that one turn of the cleaner deletes at most, so that it stays beside the traffic. */
const BATCHES = 20

/**
 * Starts what goes on beside the traffic: the revocation feed, the notes of seen tokens, the key ring,
 * and the cleaner.
 * Reads the feed and the keys once before it returns.
 * @returns how to stop it; it waits for what is under way, and writes the last notes
 */
export async function startMaintenance(services: Services, log: Log): Promise<Periodic> {
  const { keys, revocations } = services
  const { seen } = services.sessions
  await keys.refresh()
  await revocations.poll()
  const jobs = [
    startPeriodic({
      name: 'revocation feed',
      everyMs: FEED_INTERVAL_MS,
      run: revocations.poll,
      log,
    }),
    startPeriodic({ name: 'seen tokens', everyMs: NOTES_INTERVAL_MS, run: seen.write, log }),
    startPeriodic({ name: 'key ring', everyMs: MINUTE, run: keys.refresh, log }),
    startPeriodic({
      name: 'cleaner',
      everyMs: MINUTE,
      run: () => cleanAll(services),
      log,
    }),
  ]
  return {
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      // A note that is lost forgives a client more, so a database that is away delays no stop.
      await seen.write().catch(() => undefined)
    },
  }
}

async function cleanAll(services: Services): Promise<void> {
  const { sessions, audit, lockout, idempotency, photoCleaner } = services
  for (const { clean } of [sessions, audit, lockout, idempotency, photoCleaner]) {
    for (let batch = 0; batch < BATCHES; batch++) {
      if (!(await clean())) break
    }
  }
}
