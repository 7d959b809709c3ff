import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'

type Job = {
  /** For the log. */
  name: string
  everyMs: number
  run: () => Promise<unknown>
  log: Log
}

/** A job that goes on beside the traffic until it is stopped. */
export type Periodic = { stop: () => Promise<void> }

/**
 * Runs a job again and again, the first time after one interval, never twice at once. A failure is
 * logged when it begins and when it is over, and the next turn tries again.
 */
export function startPeriodic({ name, everyMs, run, log }: Job): Periodic {
  const stopping = new AbortController()
  let isFailing = false

  async function turn(): Promise<void> {
    try {
      await run()
      if (isFailing) log.info({ job: name }, 'the job works again')
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ job: name, err: error }, 'the job failed and will be tried again')
      isFailing = true
    }
  }

  async function loop(): Promise<void> {
    const { signal } = stopping
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await turn()
    }
  }

  const running = loop()
  return {
    /** Waits for a turn that is under way. */
    async stop() {
      stopping.abort()
      await running
    },
  }
}
