import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import type { Operation } from './houses-requests.ts'
import type { World } from './houses-worlds.ts'

const WARM_UP = 20
const WARM_UP_MS = 750
const SAMPLES = 300
const FEWEST_SAMPLES = 5
const SAMPLES_MS = 3000
const VERIFY_EVERY_MS = 10
const VERIFY_MS = 5000

/** Milliseconds; what could not be asked has no samples, and `status` names an answer that is no success. */
export type Figures = { count: number; p50: number; p99: number; status: number }

export type LoopFigures = { verify: Figures; delayP99: number; delayMax: number }

type Sampler = { world: World; next: () => Promise<void>; times: number[]; status: number }

/**
 * Measures an operation in several worlds, one request at a time and in turns, so that whatever else
 * the machine does hits all of them alike.
 * @returns the figures in the order of the worlds
 */
export async function compare(operation: Operation, worlds: World[]): Promise<Figures[]> {
  const samplers = await Promise.all(worlds.map((world) => createSampler(operation, world)))
  await repeat(samplers, { count: WARM_UP, fewest: 1, limitMs: WARM_UP_MS })
  for (const sampler of samplers) sampler.times = []
  await repeat(samplers, { count: SAMPLES, fewest: FEWEST_SAMPLES, limitMs: SAMPLES_MS })
  for (const world of worlds) await operation.undo?.(world)
  return samplers.map(({ times, status }) => figuresOf(times, status))
}

async function createSampler(operation: Operation, world: World): Promise<Sampler> {
  const requestOf = await operation.prepare(world)
  let turn = 0
  const sampler: Sampler = {
    world,
    times: [],
    status: 0,
    next: async () => {
      const request = requestOf(turn++)
      if (!request) return
      const { ms, status } = await timed(world, request)
      sampler.times.push(ms)
      if (status >= 300) sampler.status = status
    },
  }
  return sampler
}

type Bounds = { count: number; fewest: number; limitMs: number }

/** Each in turn, the order changing, until there are enough or it has taken long enough. */
async function repeat(samplers: Sampler[], { count, fewest, limitMs }: Bounds): Promise<void> {
  const deadline = performance.now() + limitMs
  for (let round = 0; round < count; round++) {
    if (round >= fewest && performance.now() > deadline) return
    for (const sampler of round % 2 === 0 ? samplers : [...samplers].reverse()) await sampler.next()
  }
}

async function timed({ server, headers }: World, request: InjectOptions) {
  const startedAt = performance.now()
  const { statusCode } = await server.app.inject({ ...request, headers })
  return { ms: performance.now() - startedAt, status: statusCode }
}

/**
 * How long `GET /verify` takes, from the moment it was due, while two requests of a kind run all the
 * time, and how long the event loop was held up.
 * @param busy what runs beside; nothing when undefined
 */
export async function besideRequests(world: World, busy?: InjectOptions): Promise<LoopFigures> {
  const stop = new AbortController()
  const others = busy ? [keepAsking(world, busy, stop), keepAsking(world, busy, stop)] : []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const times = await verifyRegularly(world)
  delay.disable()
  stop.abort()
  await Promise.all(others)
  const toMs = (nanoseconds: number) => nanoseconds / 1e6
  return {
    verify: figuresOf(times, 0),
    delayP99: toMs(delay.percentile(99)),
    delayMax: toMs(delay.max),
  }
}

async function keepAsking(world: World, request: InjectOptions, { signal }: AbortController) {
  while (!signal.aborted) {
    await timed(world, request)
    // A request by a socket comes with a turn of the event loop; one without may never let go of it.
    await setImmediate()
  }
}

async function verifyRegularly(world: World): Promise<number[]> {
  const asked: Promise<number>[] = []
  const startedAt = performance.now()
  for (let due = startedAt; due < startedAt + VERIFY_MS; due += VERIFY_EVERY_MS) {
    // Those that are overdue go out together, as from clients that know nothing of each other.
    const early = due - performance.now()
    if (early > 0) await pause(Math.ceil(early))
    asked.push(timed(world, { url: '/verify' }).then(() => performance.now() - due))
  }
  return Promise.all(asked)
}

function figuresOf(times: number[], status: number): Figures {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return { count: times.length, p50: at(0.5), p99: at(0.99), status }
}
