import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log/log.ts'

type Job = {
  name: string
  everyMs: number
  run: () => Promise<unknown>
  log: Log
}

export type IntervalJob = { stop: () => Promise<void> }

/** Runs a job at an interval, never twice at once; logs the first failure of a row and recovery. */
export function startIntervalJob({ name, everyMs, run, log }: Job): IntervalJob {
  const stopping = new AbortController()
  let isFailing = false

  async function turn(): Promise<void> {
    try {
      await run()
      if (isFailing) log.info({ job: name }, 'the job succeeds again')
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ job: name, err: error }, 'the job failed and will be retried')
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
    async stop() {
      stopping.abort()
      await running
    },
  }
}
