import { CONNECTIONS } from '../load/questions.ts'
import type { Operation, UpperBoundScript } from '../load/target.ts'
import type { Databases } from '../support/databases.ts'
import { eachStep } from '../support/progress.ts'
import { runScript } from '../support/server.ts'
import type { Plan } from './options.ts'
import type { Row, Sample } from './results.ts'
import type { RunningTarget } from './runner.ts'

type Stretches = Pick<
  Plan,
  'warmUpMs' | 'hashWarmUpMs' | 'settleInMs' | 'stretchMs' | 'hashStretchMs'
>

/** Something whose rate is measured, round after round. */
export type Entry = { row: Row; warmUp: () => Promise<unknown>; sample: () => Promise<Sample> }

/**
 * Measures everything once in each round, in turns and in changing order, so that whatever else the
 * machine does hits all of them alike.
 */
export async function runRounds(
  operation: Operation,
  entries: readonly Entry[],
  rounds: number,
): Promise<Row[]> {
  const steps = { nameOf: ({ row }: Entry) => row.name }
  await eachStep(`warming up ${operation}`, entries, steps, ({ warmUp }) => warmUp())
  const turns = Array.from({ length: rounds }, (_, round) =>
    round % 2 === 0 ? entries : entries.toReversed(),
  )
  await eachStep(`measuring ${operation}`, turns.flat(), steps, async ({ row, sample }) =>
    row.samples.push(await sample()),
  )
  return entries.map(({ row }) => row)
}

/** A server under the load of one operation. */
export function serverEntry(
  runningTarget: RunningTarget,
  operation: Operation,
  plan: Stretches,
  { cpuSeconds }: Pick<Databases, 'cpuSeconds'>,
): Entry {
  const { target, kind, synchronous, server, load } = runningTarget
  const ask = (warmUpMs: number, ms: number) =>
    load.ask({ kind: 'closed', operation, connections: CONNECTIONS[operation], warmUpMs, ms })

  async function sample(): Promise<Sample> {
    const before = { server: server.usage().cpuSeconds, database: cpuSeconds() }
    const figures = await ask(plan.settleInMs, stretchOf(operation, plan))
    const each = (seconds: number) => finite((seconds * 1000) / figures.answers)
    return {
      perSecond: figures.perSecond,
      serverMs: each(server.usage().cpuSeconds - before.server),
      loadMs: each(figures.cpuSeconds),
      databaseMs: each(cpuSeconds() - before.database),
    }
  }

  const row = {
    name: target.name,
    kind,
    synchronous,
    rotates: target.rotates,
    samples: [],
  }
  const warmUpMs = operation === 'login' ? plan.hashWarmUpMs : plan.warmUpMs
  return { row, warmUp: () => ask(0, warmUpMs), sample }
}

/** A script that measures by itself, in a process for each round. */
export function scriptEntry(
  { name, library, operation, launch }: UpperBoundScript,
  plan: Plan,
): Entry {
  const seconds = stretchOf(operation, plan) / 1000
  const sample = async () => {
    const { perSecond } = JSON.parse(await runScript(launch(seconds)))
    return { perSecond, serverMs: null, loadMs: null, databaseMs: null }
  }
  const row: Row = { name, kind: 'upperBound', library, samples: [] }
  return { row, warmUp: async () => {}, sample }
}

function stretchOf(operation: Operation, plan: Stretches): number {
  return operation === 'login' ? plan.hashStretchMs : plan.stretchMs
}

/** JSON knows no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
