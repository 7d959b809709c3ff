import { type Clock, systemClock } from './clock.ts'
import { startIntervalJob } from './interval-job.ts'
import type { Log } from './log/log.ts'

const FOLLOW_EVERY_MS = 1000
const TOLERANCE_MS = 500
const ALARM_MS = 2000

type Sources = {
  readTime: () => Promise<number>
  system?: Clock
  monotonic?: () => number
}

/** Follows the clock of the database, and counts monotonic time between two looks. */
export function createSharedClock({
  readTime,
  system = systemClock,
  monotonic = () => performance.now(),
}: Sources) {
  let base = system() - monotonic()
  const now: Clock = () => Math.floor(base + monotonic())

  /** @returns how far the machine's clock is ahead of the database's, in milliseconds */
  async function follow(): Promise<number> {
    const askedAt = monotonic()
    const time = await readTime()
    const doubt = (monotonic() - askedAt) / 2
    const behind = time + doubt - now()
    if (Math.abs(behind) > TOLERANCE_MS + doubt) base += behind
    return system() - now()
  }

  return { now, follow }
}

/**
 * The clock of the database where several servers may share it; it warns of a wrong one here.
 * @param given another clock @throws when the database is away
 */
export async function openClock(
  readTime: Sources['readTime'] | undefined,
  log: Log,
  given?: Clock,
): Promise<{ now: Clock; stop?: () => Promise<void> }> {
  if (given || !readTime) return { now: given ?? systemClock }

  const { now, follow } = createSharedClock({ readTime })
  let isWarned = false

  async function run(): Promise<void> {
    const ahead = await follow()
    const isWrong = Math.abs(ahead) > ALARM_MS
    if (isWrong && !isWarned) {
      const secondsAhead = Math.round(ahead / 1000)
      log.warn({ secondsAhead }, "this machine's clock differs from the database's, which counts")
    }
    isWarned = isWrong
  }

  await run()
  const { stop } = startIntervalJob({ name: 'clock', everyMs: FOLLOW_EVERY_MS, run, log })
  return { now, stop }
}
