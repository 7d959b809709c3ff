import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type LoadProcess, startLoadProcess } from '../load/start.ts'
import type { Operation, UpperBoundScript } from '../load/target.ts'
import { type Databases, sqliteFiles, startMysql } from '../support/databases.ts'
import { commit, machine, today } from '../support/measured.ts'
import { hasLoaded } from '../support/process-usage.ts'
import { eachStep } from '../support/progress.ts'
import type { Workspace } from '../support/workspace.ts'
import { competitorsFor, scriptsFor } from './competitors.ts'
import { measureInstructions } from './instructions.ts'
import { measureMemory } from './memory.ts'
import type { Options } from './options.ts'
import { type Entry, runRounds, scriptEntry, serverEntry } from './rates.ts'
import type { Resources, Results } from './results.ts'
import { type Competitor, enter, type Prepared, prepare, type RunningTarget } from './runner.ts'

/** Of what is not measured. */
const CONCURRENCY = 2
const OPERATIONS: Operation[] = ['verify', 'me', 'login', 'refresh']

type LeftOut = Results['leftOut']
/** Everything that a part of the run may need. */
type Run = {
  options: Options
  workspace: Workspace
  loads: LoadProcess
  databases: Databases
  running: RunningTarget[]
  scripts: UpperBoundScript[]
}

/** Measures what the options ask for. @throws Error when Latchkey itself cannot be had */
export async function run(options: Options, workspace: Workspace): Promise<Results> {
  const load = loadavg()[0] ?? Number.NaN
  const databases = options.isMysql ? await startMysql(workspace) : sqliteFiles(workspace)
  const leftOut: LeftOut = []
  const competitors = await competitorsFor(options, workspace.folder, databases)
  const prepared = await prepareAll(competitors, workspace, leftOut)
  const loads = startLoadProcess()
  workspace.onClose(loads.stop)
  const running = await enterAll(prepared, { options, workspace, loads })
  const scripts = await scriptsFor(options, databases)
  const all: Run = { options, workspace, loads, databases, running, scripts }
  const rates = await measureRates(all)
  const { server } = first(running)
  const hashLibrary = hasLoaded(server.pid, '@node-rs/argon2') ? '@node-rs/argon2' : 'argon2'
  return {
    database: databases.kind,
    databaseVersion: databases.durability,
    date: today(),
    commit: commit(),
    machine: machine(),
    isQuick: options.isQuick,
    rounds: options.plan.rounds,
    load,
    hashLibrary,
    rates,
    resources: resourcesOf(running),
    leftOut,
    ...(await measureAlone(all, first(prepared), leftOut)),
  }
}

async function prepareAll(competitors: Competitor[], workspace: Workspace, leftOut: LeftOut) {
  const prepared: Prepared[] = []
  const isOut = ({ target }: Competitor) => leftOut.some(({ name }) => name === target.name)
  const steps = { nameOf, concurrency: CONCURRENCY }
  await eachStep('preparing', competitors, steps, async (competitor, at) => {
    if (isOut(competitor)) return
    try {
      prepared[at] = await prepare(competitor, join(workspace.folder, `competitor-${at}`))
    } catch (error) {
      if (competitor.kind === 'latchkey') throw error
      if (!isOut(competitor)) leftOut.push({ name: nameOf(competitor), reason: reasonOf(error) })
    }
  })
  // Without the holes of those who are left out.
  return prepared.filter(() => true)
}

/** Starts each server a few times, then to be measured, and reads its memory before it has users. */
async function enterAll(
  prepared: Prepared[],
  { options, workspace, loads }: Pick<Run, 'options' | 'workspace' | 'loads'>,
) {
  const { starts, idleMs } = options.plan
  const times = new Map(prepared.map((one) => [one, [] as number[]]))
  const again = options.parts.includes('start') ? starts : 0
  const turns = Array.from({ length: again }, () => prepared).flat()
  await eachStep('starting', turns, { nameOf }, async (one) => {
    const server = await one.launch()
    times.get(one)?.push(server.startMs)
    await server.stop()
  })
  const running: RunningTarget[] = []
  await eachStep('starting to measure', prepared, { nameOf }, async (one) =>
    running.push(await enter(one, times.get(one) ?? [], { loads, workspace })),
  )
  await pause(idleMs)
  for (const one of running) one.idleMb = one.server.usage().memoryMb
  const steps = { nameOf, concurrency: CONCURRENCY }
  await eachStep('registering', running, steps, ({ kind, load }) =>
    load.ask({
      kind: 'settle',
      people: kind === 'upperBound' ? 0 : options.plan.people,
      prefix: '',
    }),
  )
  return running
}

async function measureRates(all: Run): Promise<Results['rates']> {
  const { plan, parts } = all.options
  const rates: Results['rates'] = {}
  for (const operation of OPERATIONS.filter((one) => parts.includes(one))) {
    rates[operation] = await runRounds(operation, entriesOf(operation, all), plan.rounds)
  }
  return rates
}

function entriesOf(operation: Operation, all: Run): Entry[] {
  const { running, databases, options, scripts } = all
  const servers = running
    .filter(({ operations }) => operations.includes(operation))
    .map((one) => serverEntry(one, operation, options.plan, databases))
  const programs = scripts
    .filter((script) => script.operation === operation)
    .map((script) => scriptEntry(script, options.plan))
  return [...programs, ...servers]
}

/** The others are gone by then: nothing else is to happen on the machine. */
async function measureAlone(
  all: Run,
  prepared: Prepared,
  leftOut: LeftOut,
): Promise<Pick<Results, 'memory' | 'instructions'>> {
  const { options, running } = all
  for (const { server } of running) await server.stop()
  const results: Pick<Results, 'memory' | 'instructions'> = {}
  if (options.parts.includes('memory') && !options.isMysql) {
    console.error('measuring the memory of Latchkey during a mixed load')
    results.memory = await measureMemory(prepared, options.plan, all)
  }
  if (countsInstructions(options)) {
    console.error('counting instructions')
    results.instructions = await countInstructions(all, leftOut)
  }
  return results
}

/** On SQLite alone: the work of a database server would not be counted. */
function countsInstructions({ parts, isMysql, isQuick }: Options): boolean {
  if (!parts.includes('instructions') || isMysql) return false
  return !isQuick || parts.length === 1
}

/** @throws Error where they cannot be counted, and nothing else was asked for */
async function countInstructions({ options, workspace, ...needs }: Run, leftOut: LeftOut) {
  try {
    return await measureInstructions(workspace, needs)
  } catch (error) {
    if (options.parts.length === 1) throw error
    leftOut.push({ name: 'The count of instructions', reason: reasonOf(error) })
    return undefined
  }
}

function resourcesOf(running: RunningTarget[]): Resources[] {
  const names = running.map(nameOf)
  return running
    .filter((one, at) => names.indexOf(nameOf(one)) === at)
    .map(({ target, kind, startMs, idleMb, server }) => ({
      name: target.name,
      ...{ kind, startMs, idleMb, afterMb: server.usage().memoryMb },
    }))
}

function first<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined) throw new Error('Latchkey always takes part')
  return value
}

function nameOf({ target }: Competitor): string {
  return target.name
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
