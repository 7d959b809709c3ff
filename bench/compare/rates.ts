import type { Contestant } from './arena.ts'
import type { CeilingScript, Operation } from './contender.ts'
import type { Databases } from './databases.ts'
import type { Plan } from './options.ts'
import type { Row, Sample } from './results.ts'
import { runScript } from './server.ts'
import { eachStep } from './steps.ts'

const CONNECTIONS: Record<Operation, number> = { verify: 50, me: 50, login: 8, refresh: 16 }

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
  contestant: Contestant,
  operation: Operation,
  plan: Plan,
  { cpuSeconds }: Pick<Databases, 'cpuSeconds'>,
): Entry {
  const { contender, kind, synchronous, server, load } = contestant
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
      errors: Object.values(figures.errors).reduce((sum, count) => sum + count, 0),
    }
  }

  const row = {
    name: contender.name,
    kind,
    synchronous,
    prisma: contender.prisma,
    rotates: contender.rotates,
    samples: [],
  }
  return { row, warmUp: () => ask(0, plan.warmUpMs), sample }
}

type ScriptPlace = { folder: string; databaseUrl?: string | undefined }

/** A script that measures by itself, in a process for each round. */
export function scriptEntry(
  ceiling: CeilingScript,
  { folder, databaseUrl }: ScriptPlace,
  plan: Plan,
): Entry {
  const run = async (ms: number) => {
    const options = { folder, seconds: ms / 1000, ...(databaseUrl ? { databaseUrl } : {}) }
    const printed = await runScript(ceiling.launch(options))
    const { perSecond } = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
    return { perSecond, serverMs: null, loadMs: null, databaseMs: null, errors: 0 }
  }
  const row: Row = {
    name: ceiling.name,
    kind: 'ceiling',
    library: ceiling.library,
    samples: [],
  }
  return { row, warmUp: async () => {}, sample: () => run(stretchOf(ceiling.operation, plan)) }
}

function stretchOf(operation: Operation, plan: Plan): number {
  return operation === 'login' ? plan.hashStretchMs : plan.stretchMs
}

/** JSON knows no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
