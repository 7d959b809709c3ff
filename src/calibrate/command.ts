import { parseArgs } from 'node:util'
import { OWASP_ARGON2ID } from '../config/rules.ts'
import { MEMORY_BUDGET_KIB } from '../platform/passwords/hash-queue.ts'
import { createMeter, median } from './measure.ts'
import { machine, mib, report } from './report.ts'
import { costFor } from './search.ts'

const MIN_TARGET_MS = 10
const MAX_TARGET_MS = 1000
const SEARCH_SAMPLES = 3
const FINAL_MS = 5000
const MIN_SAMPLES = 5
const MAX_SAMPLES = 25
/** Share of the available memory that all hashes together may take. */
const MEMORY_SHARE = 0.5

type Surroundings = {
  /** Threads that Node has for hashes, here and in the server. */
  poolThreads: number
  print: (line: string) => void
}

/** The command `calibrate`: proposes a cost for argon2id on this machine. */
export async function runCalibrate(args: string[], { poolThreads, print }: Surroundings) {
  const target = readTarget(args)
  if (typeof target === 'string') return { text: target, exitCode: 2, figures: {} }
  const availableKib = process.availableMemory() / 1024
  print(`argon2id on ${machine()}, ${mib(availableKib)} available\n`)
  const meter = createMeter(poolThreads)
  const memoryKib = Math.min(MEMORY_BUDGET_KIB, availableKib * MEMORY_SHARE)
  const cost = await costFor({
    targetMs: target,
    floors: OWASP_ARGON2ID,
    maxMemoryKib: memoryKib / meter.concurrencyOf({ memoryKib: 1, time: 1 }),
    measure: async (candidate) => median(await meter.timesOf(candidate, SEARCH_SAMPLES)),
  })
  const samples = Math.min(Math.max(Math.round(FINAL_MS / target), MIN_SAMPLES), MAX_SAMPLES)
  const times = await meter.timesOf(cost, samples)
  const perSecond = await meter.throughputOf(cost)
  const concurrency = meter.concurrencyOf(cost)
  const measured = { targetMs: target, times, perSecond, concurrency, availableKib, poolThreads }
  const figures = { ...cost, medianMs: median(times), perSecond, concurrency }
  return { text: report(cost, measured), exitCode: 0, figures }
}

/** The target in milliseconds, or an error message. */
function readTarget(args: string[]): number | string {
  try {
    const options = { target: { type: 'string', default: '250ms' } } as const
    const { target } = parseArgs({ args, options }).values
    const ms = Number(/^(\d{1,4})ms$/.exec(target)?.[1])
    if (ms >= MIN_TARGET_MS && ms <= MAX_TARGET_MS) return ms
    return `--target ${target} is not a time from 10ms to 1000ms.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
