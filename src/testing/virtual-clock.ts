import { attempt, duration } from '../config/readers.ts'
import type { Clock } from '../platform/clock.ts'
import { refused } from './refusal.ts'

const readTime = duration('1s', '3650d')

/** The clock of the machine, moved ahead. */
export type VirtualClock = Clock & {
  advance: (seconds: number) => void
  /** Back to the clock of the machine. */
  reset: () => void
}

export function createVirtualClock(): VirtualClock {
  let aheadMs = 0
  return Object.assign(() => Date.now() + aheadMs, {
    advance(seconds: number) {
      aheadMs += seconds * 1000
    },
    reset() {
      aheadMs = 0
    },
  })
}

/** Seconds of a time that is written as in a setting, such as `16m`. @throws ValidationFailed */
export function secondsOf(time: string): number {
  const read = attempt(() => readTime(time))
  if ('value' in read) return read.value
  throw refused(read.invalid.message, '/by')
}
