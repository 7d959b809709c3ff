import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './faults/fault.ts'
import type { Crowd } from './load/crowd.ts'
import type { Broken, Journal, Line } from './load/journal.ts'
import type { Starvation } from './load/starvation.ts'
import type { Fleet } from './machines/fleet.ts'

/** Within it the service recovers by itself. */
const PROMISED_RECOVERY_MS = 5000
const CALM_MS = 2000
/** A recovered service answers each request in this time. */
const SLOW_MS = 2000

/** What one of them did to the service. */
export type Outcome = {
  fault: Fault
  /** From its begin to its end. */
  lastedMs: number
  /** All requests from its begin until the service was watched for long enough. */
  lines: Line[]
  recoveryMs: number
  /** What was added to promised times, because the machine was busy with other work. */
  slackMs: number
  /** The longest life of an ended session on a server that could know. */
  longestLifeMs: number
  broken: Broken[]
}

type Scene = { fleet: Fleet; crowd: Crowd; journal: Journal; starvation: Starvation }

/** Lets it happen under load, watches the recovery, and reads everything back. */
export async function perform(
  fault: Fault,
  { fleet, crowd, journal, starvation }: Scene,
): Promise<Outcome> {
  await fault.prepare?.(fleet)
  const from = { line: 0, broken: journal.broken.length, life: journal.lives.length }
  crowd.start()
  await sleep(CALM_MS)
  from.line = journal.lines.length
  starvation.begin()
  const beganAt = performance.now()
  await fault.begin(fleet)
  await sleep(fault.lastsMs?.(fleet) ?? 0)
  await fault.end?.(fleet)
  const endedAt = performance.now()
  await sleep(PROMISED_RECOVERY_MS + 1500)
  const slackMs = starvation.slackMs()
  await crowd.pause()
  await crowd.readBack()
  const lines = journal.lines.slice(from.line)
  const late = lateIn(lines, endedAt, SLOW_MS + slackMs)
  const recoveryMs = Math.max(0, ...late.map(({ at }) => at - endedAt))
  if (recoveryMs > PROMISED_RECOVERY_MS + slackMs) {
    const last = late.slice(-5).map((line) => JSON.stringify(line))
    journal.accuse(`${Math.round(recoveryMs)} ms after its end requests still failed: ${last}`)
  }
  const lives = journal.lives.slice(from.life)
  return {
    ...{ fault, lastedMs: endedAt - beganAt, lines, recoveryMs, slackMs },
    longestLifeMs: Math.max(0, ...lives.map(({ ms }) => ms)),
    broken: journal.broken.slice(from.broken),
  }
}

/** Requests that were sent after the end, and failed or took too long. */
function lateIn(lines: readonly Line[], endedAt: number, slowMs: number): Line[] {
  return lines.filter(({ at, ms, status }) => {
    const isBad = status === 0 || status === 429 || status >= 500 || ms > slowMs
    return isBad && at - ms >= endedAt
  })
}
