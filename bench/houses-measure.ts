import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import type { Operation } from './houses-requests.ts'
import type { World } from './houses-worlds.ts'
import { type Bounds, type Figures, figuresOf, inTurns, type Sampler } from './in-turns.ts'

const WARM_UP: Bounds = { count: 20, fewest: 1, limitMs: 750 }
const SAMPLES: Bounds = { count: 300, fewest: 5, limitMs: 3000 }
const VERIFY_EVERY_MS = 10
const VERIFY_MS = 5000

export type LoopFigures = { verify: Figures; delayP99: number; delayMax: number }

/**
 * Measures an operation in several worlds, one request at a time and in turns.
 * @returns the figures in the order of the worlds
 */
export async function compare(operation: Operation, worlds: World[]): Promise<Figures[]> {
  const samplers = await Promise.all(worlds.map((world) => createSampler(operation, world)))
  const figures = await inTurns(samplers, { warmUp: WARM_UP, samples: SAMPLES })
  for (const world of worlds) await operation.undo?.(world)
  return figures
}

async function createSampler(operation: Operation, world: World): Promise<Sampler> {
  const requestOf = await operation.prepare(world)
  return async (turn) => {
    const request = requestOf(turn)
    return request && (await timed(world, request))
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
    verify: figuresOf(times),
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
