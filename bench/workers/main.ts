// What a second worker brings, on each database: npm run bench:workers [-- --quick] [-- --write]
// Linux only: each process is pinned to a core of its own.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runRounds, serverEntry } from '../compare/rates.ts'
import type { Row } from '../compare/results.ts'
import { enter, prepare, type RunningTarget } from '../compare/runner.ts'
import { createLatchkey } from '../load/latchkey.ts'
import { type LoadProcess, startLoadProcess } from '../load/start.ts'
import { chosenDatabases, type Databases } from '../support/databases.ts'
import { measured } from '../support/measured.ts'
import { writeFigures } from '../support/page.ts'
import { childrenOf, usageOfAll } from '../support/process-usage.ts'
import { inWorkspace, type Workspace } from '../support/workspace.ts'
import { figuresOf, type Pair, type Paired } from './report.ts'

const OPERATIONS: Paired[] = ['verify', 'me', 'refresh']
const PEOPLE = 64
const START_MS = 30_000

const { values: options } = parseArgs({
  options: { write: { type: 'boolean' }, quick: { type: 'boolean' } },
})
const plan = options.quick
  ? {
      rounds: 3,
      warmUpMs: 500,
      hashWarmUpMs: 500,
      settleInMs: 50,
      stretchMs: 500,
      hashStretchMs: 500,
    }
  : {
      rounds: 9,
      warmUpMs: 3000,
      hashWarmUpMs: 3000,
      settleInMs: 100,
      stretchMs: 2000,
      hashStretchMs: 2000,
    }

await inWorkspace(async (workspace) => {
  const loads = startLoadProcess()
  workspace.onClose(loads.stop)
  const pairs: Pair[] = []
  for await (const databases of chosenDatabases({}, workspace)) {
    pairs.push(...(await measurePairs(databases, { workspace, loads })))
  }
  const figures = `${measured()}, ${plan.rounds} rounds.\n\n${figuresOf(pairs)}`
  console.log(figures)
  if (options.write) writeFigures('workers.md', figures)
  return true
})

type Needs = { workspace: Workspace; loads: LoadProcess }

/** One worker and two, in turns. */
async function measurePairs(databases: Databases, needs: Needs): Promise<Pair[]> {
  const one = await start(1, databases, needs)
  const two = await start(2, databases, needs)
  const pairs: Pair[] = []
  for (const operation of OPERATIONS) {
    const entries = [one, two].map((each) => serverEntry(each, operation, plan, databases))
    const rows = (await runRounds(operation, entries, plan.rounds)) as [Row, Row]
    pairs.push({ database: databases.kind, operation, rows })
  }
  for (const { server } of [one, two]) await server.stop()
  return pairs
}

/** The second one starts when the first one listens. @throws Error where it does not come */
async function allWorkers({ server }: RunningTarget, count: number): Promise<number[]> {
  const deadline = performance.now() + START_MS
  while (performance.now() < deadline) {
    const pids = childrenOf(server.pid)
    if (pids.length === count) return pids
    await pause(100)
  }
  throw new Error(`Latchkey has ${childrenOf(server.pid).length} workers instead of ${count}`)
}

async function start(
  workers: number,
  databases: Databases,
  { workspace, loads }: Needs,
): Promise<RunningTarget> {
  const name = `${workers} on ${databases.kind}`
  const databaseUrl = await databases.create(`workers${workers}`)
  const target = createLatchkey({ name, databaseUrl, settings: { WORKERS: `${workers}` } })
  const { operations } = target
  const competitor = { target, operations, kind: 'latchkey', synchronous: 'FULL' } as const
  const prepared = await prepare(competitor, join(workspace.folder, name))
  const running = await enter(prepared, [], { loads, workspace })
  const processes = workers === 1 ? [running.server.pid] : await allWorkers(running, workers)
  processes.forEach(pin)
  await running.load.ask({ kind: 'settle', people: PEOPLE, prefix: '' })
  const usage = () => usageOfAll([running.server.pid, ...childrenOf(running.server.pid)])
  return { ...running, server: { ...running.server, usage } }
}

/** @throws Error where there is no such core, or no program for it */
function pin(pid: number, core: number): void {
  try {
    const args = ['--all-tasks', '--cpu-list', '--pid', `${core}`, `${pid}`]
    execFileSync('taskset', args, { stdio: 'pipe' })
  } catch (cause) {
    const needs = 'this needs Linux, its program taskset and two cores'
    throw new Error(`a process could not be pinned to core ${core}: ${needs}`, { cause })
  }
}
