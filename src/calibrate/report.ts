import { availableParallelism, cpus, totalmem } from 'node:os'
import { OWASP_ARGON2ID } from '../config/rules.ts'
import { SPARE_THREADS, standardLimits } from '../platform/passwords/hash-queue.ts'
import { median, quantile } from './measure.ts'
import type { Cost } from './search.ts'

/** Largest spread of the middle half of the times, for a certain result. */
const MAX_SPREAD = 0.1

type Measured = {
  targetMs: number
  times: number[]
  perSecond: number
  /** How many hashes the server runs at once. */
  concurrency: number
  availableKib: number
  poolThreads: number
}

/** The settings for a cost, its measurements, and notes where they need care. */
export function report(cost: Cost, measured: Measured): string {
  const notes = warnings(cost, measured).map((text) => `\nNote: ${text}`)
  return [settingsText(cost), figuresText(cost, measured), ...notes].join('\n')
}

function settingsText({ memoryKib, time }: Cost): string {
  return `ARGON2_MEMORY_KIB=${memoryKib}\nARGON2_TIME=${time}\nARGON2_PARALLELISM=1\n`
}

function figuresText(cost: Cost, { times, perSecond, concurrency }: Measured): string {
  const { queueLength, longestWaitMs } = standardLimits
  const wait = Math.min((queueLength + concurrency) / perSecond, longestWaitMs / 1000)
  const range = `${ms(Math.min(...times))} to ${ms(Math.max(...times))}`
  return [
    `one hash             ${ms(median(times))} ms   (median of ${times.length}, ${range} ms)`,
    `sign-ins a second    ${perSecond.toFixed(1)}   (${concurrency} at once)`,
    `memory in a flood    ${mib(concurrency * cost.memoryKib)}   (in addition to the rest of the server)`,
    `longest wait         ${wait.toFixed(1)} s   (at most ${queueLength} wait; others get 503)`,
  ].join('\n')
}

function warnings(cost: Cost, measured: Measured): string[] {
  const { targetMs, times, concurrency, availableKib, poolThreads } = measured
  const spread = (quantile(times, 0.75) - quantile(times, 0.25)) / median(times)
  const flood = concurrency * cost.memoryKib
  const cores = availableParallelism()
  const isFloor = OWASP_ARGON2ID.includes(cost)
  return [
    isFloor && median(times) > targetMs
      ? `the weakest settings that OWASP recommends take longer than ${targetMs} ms. Do not go below them.`
      : '',
    spread > MAX_SPREAD
      ? `the times vary by ${Math.round(spread * 100)} %. Something else uses this machine; measure again when it is quiet.`
      : '',
    flood > availableKib
      ? `a flood takes ${mib(flood)}, and only ${mib(availableKib)} are available. The server may run out of memory.`
      : '',
    concurrency < cores && poolThreads < cores + SPARE_THREADS
      ? `${concurrency} of ${cores} cores hash at once. Set UV_THREADPOOL_SIZE=${cores + SPARE_THREADS} in the environment of the server to use more, and measure again with it.`
      : '',
  ].filter((text) => text !== '')
}

/** The machine that was measured. */
export function machine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${cpus().length} cores (${first?.model.trim()}), ${memory} GiB of memory, Node ${process.version}`
}

export function mib(kib: number): string {
  return `${Math.round(kib / 1024).toLocaleString('en')} MiB`
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0)
}
