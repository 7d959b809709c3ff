import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Opened } from './features/feature.ts'
import { type IntervalJob, startIntervalJob } from './platform/interval-job.ts'
import type { Log } from './platform/log/log.ts'
import type { Metric } from './platform/metrics.ts'

const CLEANING_INTERVAL_MS = 60_000
/** Batches that a run deletes at most for one feature: 10,000 rows a minute of most. */
const BATCHES = 200

export type Jobs = IntervalJob & { metrics: readonly Metric[] }

/**
 * Starts the jobs of all features, and one that deletes expired rows. Some run once before this
 * returns. @returns stops them after the present run, and closes the features
 */
export async function startJobs(
  opened: readonly Opened[],
  log: Log,
  start = startIntervalJob,
): Promise<Jobs> {
  const stopped = new AbortController()
  const { job: cleaning, metrics } = createCleaner(opened)
  const jobs = [...opened.flatMap(({ jobs = [] }) => jobs), cleaning]
  for (const { isFirstAtStart, run } of jobs) if (isFirstAtStart) await run(stopped.signal)
  const started = jobs.map(({ name, everyMs, run }) =>
    start({ name, everyMs, run: () => run(stopped.signal), log }),
  )
  return {
    metrics,
    async stop() {
      stopped.abort()
      await Promise.all(started.map((job) => job.stop()))
      // In reverse order, since a feature may use what was opened before it.
      for (const { close } of opened.toReversed()) await close?.()
    },
  }
}

/** Deletes expired rows of each feature, beside the others: one that fails stops none of them. */
function createCleaner(opened: readonly Opened[]) {
  const cleaned = opened.filter(({ clean }) => clean !== undefined)
  const batches = Object.fromEntries(cleaned.map(({ name }) => [name, 0]))
  let endedAt = performance.now()

  async function run(stopping: AbortSignal): Promise<void> {
    const failures: unknown[] = []
    for (const feature of cleaned)
      await clean(feature, stopping).catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
    endedAt = performance.now()
  }

  async function clean({ name, clean }: Opened, stopping: AbortSignal): Promise<void> {
    for (let batch = 0; batch < BATCHES && !stopping.aborted; batch++) {
      const startedAt = performance.now()
      const isMore = await clean?.()
      batches[name] = (batches[name] ?? 0) + 1
      if (!isMore) return
      // Leaves half of the time to requests.
      await sleep(performance.now() - startedAt)
    }
  }

  const metrics: Metric[] = [
    {
      name: 'latchkey_cleaner_batches_total',
      help: 'Looks for expired rows by feature, each of which deletes 50 or 100 at most.',
      kind: 'counter',
      label: 'feature',
      read: () => batches,
    },
    {
      name: 'latchkey_cleaner_seconds_since_run',
      help: 'Time since expired rows of every feature were last deleted; a minute is usual.',
      kind: 'shared',
      read: () => (performance.now() - endedAt) / 1000,
    },
  ]
  const job: Job = { name: 'cleaner', everyMs: CLEANING_INTERVAL_MS, run }
  return { job, metrics }
}
