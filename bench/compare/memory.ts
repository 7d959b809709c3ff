// What the memory of Latchkey does during an hour, in less time.
import { setTimeout as pause } from 'node:timers/promises'
import type { LoadProcess } from '../load/start.ts'
import type { Workspace } from '../support/workspace.ts'
import type { Plan } from './options.ts'
import type { Memory } from './results.ts'
import type { Prepared } from './runner.ts'

const MIXED_PEOPLE = 100
const SAMPLE_EVERY_MS = 1000

export async function measureMemory(
  latchkey: Prepared,
  plan: Plan,
  { loads, workspace }: { loads: LoadProcess; workspace: Workspace },
): Promise<Memory> {
  const server = await latchkey.launch()
  workspace.onClose(server.stop)
  const load = loads.on(latchkey.target.name, server.port)
  const memoryMb = () => server.usage().memoryMb
  await pause(plan.idleMs)
  const idleMb = memoryMb()
  await load.ask({ kind: 'settle', people: MIXED_PEOPLE, prefix: 'mixed-' })
  const samplesMb: number[] = []
  const watch = setInterval(() => samplesMb.push(memoryMb()), SAMPLE_EVERY_MS)
  const { p99 } = await load
    .ask({ kind: 'mixed', perSecond: plan.mixedPerSecond, ms: plan.memoryMs })
    .finally(() => clearInterval(watch))
  await pause(plan.idleMs)
  return {
    perSecond: plan.mixedPerSecond,
    seconds: plan.memoryMs / 1000,
    idleMb,
    samplesMb,
    settledMb: memoryMb(),
    p99,
  }
}
