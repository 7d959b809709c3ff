import type { Job, Opened } from './features/feature.ts'
import { type IntervalJob, startIntervalJob } from './platform/interval-job.ts'
import type { Log } from './platform/log/log.ts'

const CLEANING_INTERVAL_MS = 60_000
/** Batches that a run deletes at most for one feature, so that requests come first. */
const BATCHES = 20

/**
 * Starts the jobs of all features, and one that deletes expired rows. Some run once before this
 * returns. @returns stops them after the present run, and closes the features
 */
export async function startJobs(
  opened: readonly Opened[],
  log: Log,
  start = startIntervalJob,
): Promise<IntervalJob> {
  const stopped = new AbortController()
  const jobs = [...opened.flatMap(({ jobs = [] }) => jobs), cleaning(opened)]
  for (const { isFirstAtStart, run } of jobs) if (isFirstAtStart) await run(stopped.signal)
  const started = jobs.map(({ name, everyMs, run }) =>
    start({ name, everyMs, run: () => run(stopped.signal), log }),
  )
  return {
    async stop() {
      stopped.abort()
      await Promise.all(started.map((job) => job.stop()))
      // In reverse order, since a feature may use what was opened before it.
      for (const { close } of opened.toReversed()) await close?.()
    },
  }
}

function cleaning(opened: readonly Opened[]): Job {
  async function run(): Promise<void> {
    for (const { clean } of opened) {
      for (let batch = 0; batch < BATCHES; batch++) if (!(await clean?.())) break
    }
  }

  return { name: 'cleaner', everyMs: CLEANING_INTERVAL_MS, run }
}
