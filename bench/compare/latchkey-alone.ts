// What is measured on Latchkey alone: how long answers take, and what its memory does.
import { setTimeout as pause } from 'node:timers/promises'
import { startHelper } from '../flood-helpers.ts'
import type { Flood, Flooded as SignIns } from '../flood-sign-ins.ts'
import type { Contestant, Prepared } from './arena.ts'
import type { Leavings } from './leavings.ts'
import type { LoadProcess } from './load-helper.ts'
import type { Errors } from './load-questions.ts'
import type { Plan } from './options.ts'
import { inventPerson } from './people.ts'
import type { Flooded, Memory, Paced } from './results.ts'

/** Sign-ins under way at once, far more than the machine can hash. */
const FLOOD_CONNECTIONS = 200
/** From the beginning of the flood until its effect is measured. */
const SWELL_MS = 1000
const PROBES_PER_SECOND = 200
/** Fifty requests in each second of an hour, twelve times as fast. */
const MIXED_PER_SECOND = 600
const MIXED_PEOPLE = 100
const SAMPLE_EVERY_MS = 1000

/** Refreshes at half of the rate that was the highest. @param most that rate */
export async function measurePaced(
  { load }: Contestant,
  most: number,
  { pacedMs, warmUpMs, roundsAlone }: Plan,
): Promise<Paced> {
  const perSecond = most / 2
  const run = (ms: number) => load.ask({ kind: 'open', perSecond: { refresh: perSecond }, ms })
  const paced: Paced = { perSecond, rounds: [], errors: 0 }
  await run(warmUpMs)
  while (paced.rounds.length < roundsAlone) {
    const { times, errors } = await run(pacedMs)
    if (!times.refresh) throw new Error('No refresh was timed')
    paced.rounds.push(times.refresh)
    paced.errors += total(errors)
  }
  return paced
}

/** The highest rate of refreshes, where no table has it. */
export async function highestRefreshRate({ load }: Contestant, plan: Plan): Promise<number> {
  const { warmUpMs, stretchMs: ms } = plan
  const question = { kind: 'closed', operation: 'refresh', connections: 16, warmUpMs, ms } as const
  return (await load.ask(question)).perSecond
}

/** Protected requests at fixed moments, first alone, then beside a flood of sign-ins. */
export async function measureFlood(
  { load, server }: Contestant,
  people: number,
  { floodMs, roundsAlone }: Plan,
): Promise<Flooded> {
  const perSecond = { verify: PROBES_PER_SECOND, me: PROBES_PER_SECOND }
  const probe = () => load.ask({ kind: 'open', perSecond, ms: floodMs })
  const flood = startFlood(server.port, people)
  const flooded: Flooded = { rounds: [], signIns: {}, errors: 0 }
  try {
    while (flooded.rounds.length < roundsAlone) {
      const calm = await probe()
      const flooding = flood.ask({ connections: FLOOD_CONNECTIONS, ms: floodMs + SWELL_MS })
      await pause(SWELL_MS)
      const stormy = await probe()
      const { statuses, broken } = await flooding
      flooded.rounds.push({ calm: calm.times, stormy: stormy.times })
      flooded.errors += total(calm.errors) + total(stormy.errors) + broken
      add(flooded.signIns, statuses)
    }
  } finally {
    flood.stop()
  }
  return flooded
}

/** The flood knows the people whom the load has registered. */
function startFlood(port: number, people: number) {
  const bodies = Array.from({ length: people }, (_, at) => {
    const { username, password } = inventPerson(`${at}`)
    return JSON.stringify({ username, password })
  })
  const base = `http://127.0.0.1:${port}`
  return startHelper<Flood, SignIns>('./flood-sign-ins.ts', [base, ...bodies])
}

/** Starts the server anew and lets it live through an hour in less time. */
export async function measureMemory(
  latchkey: Prepared,
  plan: Plan,
  { loads, leavings }: { loads: LoadProcess; leavings: Leavings },
): Promise<Memory> {
  const server = await latchkey.launch()
  leavings.add(server.stop)
  const load = loads.on(latchkey.contender.name, server.port)
  const memoryMb = () => server.usage().memoryMb
  await pause(plan.idleMs)
  const idleMb = memoryMb()
  await load.ask({ kind: 'settle', people: MIXED_PEOPLE, prefix: 'mixed-', hasChains: false })
  const samplesMb: number[] = []
  const watch = setInterval(() => samplesMb.push(memoryMb()), SAMPLE_EVERY_MS)
  const mixed = await load.ask({ kind: 'mixed', perSecond: MIXED_PER_SECOND, ms: plan.memoryMs })
  clearInterval(watch)
  await pause(plan.idleMs)
  return {
    perSecond: MIXED_PER_SECOND,
    seconds: plan.memoryMs / 1000,
    idleMb,
    samplesMb,
    settledMb: memoryMb(),
    counts: mixed.counts,
    p99: mixed.p99,
    errors: total(mixed.errors),
  }
}

function total(errors: Errors): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0)
}

function add(sums: Errors, more: Errors): void {
  for (const [status, count] of Object.entries(more)) sums[status] = (sums[status] ?? 0) + count
}
