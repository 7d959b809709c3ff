// Measures argon2id on this machine and prints settings that take the time wished for:
// npm run calibrate [-- --target 250ms]
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { OWASP_ARGON2ID } from '../src/config-rules.ts'
import { hashEngine } from '../src/platform/hash-engine.ts'
import {
  hashesAtOnce,
  MEMORY_BUDGET_KIB,
  SPARE_THREADS,
  standardLimits,
} from '../src/platform/hash-governor.ts'
import { type Cost, costFor } from './calibrate-search.ts'
import { machine, median, quantile } from './figures.ts'

const USAGE = `Usage: npm run calibrate [-- --target 250ms]

Measures this machine and prints settings with which one password hash takes about so long. The target is a
time from 10ms to 1000ms, 250ms when none is given. A longer one is safer against whoever steals the
database, and lets fewer people sign in at a time.`

const LEAST_TARGET_MS = 10
const MOST_TARGET_MS = 1000
const SEARCH_SAMPLES = 3
const FINAL_MS = 5000
const FEWEST_SAMPLES = 5
const MOST_SAMPLES = 25
const THROUGHPUT_MS = 3000
/** How far the middle half of the times may lie apart before the figures are called uncertain. */
const MOST_SPREAD = 0.1
/** How much of the memory that is free all hashes together may take. */
const MEMORY_SHARE = 0.5

const cores = availableParallelism()
/** As Node reads it, here and in the server. */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
const targetMs = readTarget()
if (targetMs === undefined) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  await calibrate(targetMs)
}

function readTarget(): number | undefined {
  try {
    const { values } = parseArgs({ options: { target: { type: 'string', default: '250ms' } } })
    const [, digits] = /^(\d{1,4})ms$/.exec(values.target) ?? []
    const ms = Number(digits)
    if (ms >= LEAST_TARGET_MS && ms <= MOST_TARGET_MS) return ms
    console.error(`--target ${values.target} is no time from 10ms to 1000ms.\n`)
  } catch (error) {
    console.error(`${(error as Error).message}\n`)
  }
  return undefined
}

async function calibrate(targetMs: number): Promise<void> {
  const availableKib = process.availableMemory() / 1024
  console.log(`argon2id on ${machine()}, ${mib(availableKib)} available\n`)
  const memoryKib = Math.min(MEMORY_BUDGET_KIB, availableKib * MEMORY_SHARE)
  const cost = await costFor({
    targetMs,
    floors: OWASP_ARGON2ID,
    mostMemoryKib: memoryKib / atOnceWith({ memoryKib: 1, time: 1 }),
    measure: async (one) => median(await timesOf(one, SEARCH_SAMPLES)),
  })
  const samples = Math.round(FINAL_MS / Math.max(targetMs, 1))
  const times = await timesOf(cost, Math.min(Math.max(samples, FEWEST_SAMPLES), MOST_SAMPLES))
  const perSecond = await throughputOf(cost)
  console.log(settingsText(cost))
  console.log(figuresText(cost, times, perSecond))
  for (const warning of warnings(cost, { targetMs, times, availableKib })) {
    console.log(`\nNote: ${warning}`)
  }
}

function atOnceWith(cost: Cost): number {
  return hashesAtOnce({ ...cost, parallelism: 1 }, { cores, poolThreads })
}

async function timesOf(cost: Cost, samples: number): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; turn < samples; turn++) {
    const startedAt = performance.now()
    await hash(cost)
    times.push(performance.now() - startedAt)
  }
  return times
}

async function hash(cost: Cost): Promise<void> {
  await hashEngine.hash(Buffer.from('a password of usual length'), { ...cost, parallelism: 1 })
}

/** Hashes a second when as many run at once as the server lets. */
async function throughputOf(cost: Cost): Promise<number> {
  const startedAt = performance.now()
  let count = 0
  const lanes = Array.from({ length: atOnceWith(cost) }, async () => {
    while (performance.now() < startedAt + THROUGHPUT_MS) {
      await hash(cost)
      count += 1
    }
  })
  await Promise.all(lanes)
  return count / ((performance.now() - startedAt) / 1000)
}

function settingsText({ memoryKib, time }: Cost): string {
  return `ARGON2_MEMORY_KIB=${memoryKib}\nARGON2_TIME=${time}\nARGON2_PARALLELISM=1\n`
}

function figuresText(cost: Cost, times: number[], perSecond: number): string {
  const { queueLength, longestWaitMs } = standardLimits
  const atOnce = atOnceWith(cost)
  const queue = Math.min((queueLength + atOnce) / perSecond, longestWaitMs / 1000)
  const range = `${ms(Math.min(...times))} to ${ms(Math.max(...times))}`
  return [
    `one hash             ${ms(median(times))} ms   (median of ${times.length}, ${range} ms)`,
    `sign-ins a second    ${perSecond.toFixed(1)}   (${atOnce} at once)`,
    `memory in a flood    ${mib(atOnce * cost.memoryKib)}   (on top of what the server takes anyway)`,
    `longest wait         ${queue.toFixed(1)} s   (at most ${queueLength} wait, the rest is refused with 503)`,
  ].join('\n')
}

type Measured = { targetMs: number; times: number[]; availableKib: number }

function warnings(cost: Cost, { targetMs, times, availableKib }: Measured): string[] {
  const spread = (quantile(times, 0.75) - quantile(times, 0.25)) / median(times)
  const flood = atOnceWith(cost) * cost.memoryKib
  const isFloor = OWASP_ARGON2ID.includes(cost)
  return [
    isFloor && median(times) > targetMs
      ? `the weakest settings that OWASP advises take longer here than ${targetMs} ms. Do not go below them.`
      : '',
    spread > MOST_SPREAD
      ? `the times vary by ${Math.round(spread * 100)} %. Something else uses this machine; measure again when it is quiet.`
      : '',
    flood > availableKib
      ? `a flood takes ${mib(flood)}, and only ${mib(availableKib)} are available. The server may run out of memory.`
      : '',
    atOnceWith(cost) < cores && poolThreads < cores + SPARE_THREADS
      ? `${atOnceWith(cost)} of ${cores} cores hash at once. With UV_THREADPOOL_SIZE=${cores + SPARE_THREADS} in the environment of the server it may be more; measure again with it.`
      : '',
  ].filter((text) => text !== '')
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0)
}

function mib(kib: number): string {
  return `${Math.round(kib / 1024).toLocaleString('en')} MiB`
}
