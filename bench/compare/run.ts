import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { machine, median } from '../figures.ts'
import { type Contestant, type Entrant, enter, type Prepared, prepare } from './arena.ts'
import type { CeilingScript, Operation } from './contender.ts'
import { type Databases, sqliteFiles, startMysql } from './databases.ts'
import { entrantsFor, scriptsFor } from './entrants.ts'
import { copyBuild } from './latchkey.ts'
import { highestRefreshRate, measureFlood, measureMemory, measurePaced } from './latchkey-alone.ts'
import type { Leavings } from './leavings.ts'
import { type LoadProcess, startLoadProcess } from './load-helper.ts'
import type { Options } from './options.ts'
import { hasLoaded } from './proc.ts'
import { type Entry, runRounds, scriptEntry, serverEntry } from './rates.ts'
import type { Resources, Results, Row } from './results.ts'
import { eachStep } from './steps.ts'

/** More than the sixteen that chains of refreshes need: Latchkey ends the oldest of a hundred sessions of one person. */
const PEOPLE = 64
/** Of what is not measured. */
const AT_ONCE = 2
const OPERATIONS: Operation[] = ['verify', 'me', 'login', 'refresh']

type Needs = { options: Options; scratch: string; leavings: Leavings }
type LeftOut = Results['leftOut']
/** Everything that a part of the run may need. */
type Scene = Needs & {
  loads: LoadProcess
  databases: Databases
  contestants: Contestant[]
  scripts: (CeilingScript & { folder: string })[]
}

/** Measures what the options ask for. @throws Error when Latchkey itself cannot be had */
export async function run(needs: Needs): Promise<Results> {
  const { options, scratch, leavings } = needs
  const load = loadavg()[0] ?? Number.NaN
  const databases = options.isMysql ? await startMysql(scratch, leavings) : sqliteFiles
  const leftOut: LeftOut = []
  const entrants = await entrantsFor(options, await copyBuild(scratch), databases)
  const prepared = await prepareAll(entrants, scratch, leftOut)
  const scripts = await prepareScripts(scriptsFor(options), scratch, leftOut)
  const loads = startLoadProcess()
  leavings.add(loads.stop)
  const contestants = await enterAll(prepared, { ...needs, loads })
  const scene: Scene = { ...needs, loads, databases, contestants, scripts }
  const rates = await measureRates(scene)
  const latchkey = first(contestants)
  const hashLibrary = hasLoaded(latchkey.server.pid, '@node-rs/argon2')
    ? '@node-rs/argon2'
    : 'argon2'
  return {
    database: databases.kind,
    databaseVersion: databases.version,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    isQuick: options.isQuick,
    rounds: options.plan.rounds,
    load,
    hashLibrary,
    rates,
    resources: resourcesOf(contestants),
    leftOut,
    ...(await measureAlone(scene, first(prepared), rates.refresh)),
  }
}

async function prepareAll(entrants: Entrant[], scratch: string, leftOut: LeftOut) {
  const prepared: Prepared[] = []
  const isOut = ({ contender }: Entrant) => leftOut.some(({ name }) => name === contender.name)
  await eachStep('preparing', entrants, { nameOf, atOnce: AT_ONCE }, async (entrant, at) => {
    if (isOut(entrant)) return
    try {
      prepared[at] = await prepare(entrant, scratch, `${at}`)
    } catch (error) {
      if (entrant.kind === 'latchkey') throw error
      if (!isOut(entrant))
        leftOut.push({ name: entrant.contender.name, reason: (error as Error).message })
    }
  })
  // Without the holes of those who are left out.
  return prepared.filter(() => true)
}

async function prepareScripts(scripts: CeilingScript[], scratch: string, leftOut: LeftOut) {
  const ready: Scene['scripts'] = []
  for (const [at, script] of scripts.entries()) {
    const folder = join(scratch, `script-${at}`)
    mkdirSync(folder)
    try {
      await script.prepare(folder)
      ready.push({ ...script, folder })
    } catch (error) {
      leftOut.push({ name: script.name, reason: (error as Error).message })
    }
  }
  return ready
}

/** Starts everybody a few times, then for good, and looks at their memory before they know anybody. */
async function enterAll(
  prepared: Prepared[],
  { options, leavings, loads }: Pick<Scene, 'options' | 'leavings' | 'loads'>,
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
  const contestants: Contestant[] = []
  await eachStep('starting for good', prepared, { nameOf }, async (one) =>
    contestants.push(await enter(one, times.get(one) ?? [], { loads, leavings })),
  )
  await pause(idleMs)
  for (const one of contestants) one.idleMb = one.server.usage().memoryMb
  await eachStep('registering', contestants, { nameOf, atOnce: AT_ONCE }, (contestant) => {
    const { kind, operations, load } = contestant
    // A session that is refreshed is not to be the one that others use.
    const hasChains =
      kind === 'latchkey' || (operations.length > 1 && operations.includes('refresh'))
    const people = kind === 'ceiling' ? 0 : PEOPLE
    return load.ask({ kind: 'settle', people, prefix: '', hasChains })
  })
  return contestants
}

async function measureRates(scene: Scene): Promise<Results['rates']> {
  const { plan, parts } = scene.options
  const rates: Results['rates'] = {}
  for (const operation of OPERATIONS.filter((one) => parts.includes(one))) {
    const entries = await entriesOf(operation, scene)
    rates[operation] = await runRounds(operation, entries, plan.rounds)
  }
  return rates
}

async function entriesOf(operation: Operation, scene: Scene): Promise<Entry[]> {
  const { contestants, scripts, databases, options } = scene
  const servers = contestants
    .filter(({ operations }) => operations.includes(operation))
    .map((contestant) => serverEntry(contestant, operation, options.plan, databases))
  const programs = scripts
    .filter((script) => script.operation === operation)
    .map(async (script) => {
      const databaseUrl = script.database === 'mysql' ? await databases.fresh() : undefined
      return scriptEntry(script, { folder: script.folder, databaseUrl }, options.plan)
    })
  return [...(await Promise.all(programs)), ...servers]
}

/** The others are gone by then: nothing else is to happen on the machine. */
async function measureAlone(scene: Scene, prepared: Prepared, refresh: Row[] | undefined) {
  const { options, contestants } = scene
  const { parts, plan } = options
  const latchkey = first(contestants)
  for (const { server } of contestants.slice(1)) await server.stop()
  const alone: Pick<Results, 'paced' | 'flooded' | 'memory'> = {}
  await eachStep('Latchkey alone', parts, { nameOf: String }, async (part) => {
    if (part === 'paced') {
      const samples = refresh?.find(({ kind }) => kind === 'latchkey')?.samples
      const most = samples
        ? median(samples.map(({ perSecond }) => perSecond))
        : await highestRefreshRate(latchkey, plan)
      alone.paced = await measurePaced(latchkey, most, plan)
    }
    if (part === 'flood') alone.flooded = await measureFlood(latchkey, PEOPLE, plan)
    if (part !== 'memory') return
    await latchkey.server.stop()
    alone.memory = await measureMemory(prepared, plan, scene)
  })
  return alone
}

function resourcesOf(contestants: Contestant[]): Resources[] {
  const names = contestants.map(nameOf)
  return contestants
    .filter((contestant, at) => names.indexOf(nameOf(contestant)) === at)
    .map(({ contender, kind, startMs, idleMb, server }) => ({
      name: contender.name,
      kind,
      notes: contender.notes,
      startMs,
      idleMb,
      afterMb: server.usage().memoryMb,
    }))
}

function first<T>(values: readonly T[]): T {
  const [value] = values
  if (value === undefined) throw new Error('Latchkey is always there')
  return value
}

function nameOf({ contender }: Entrant): string {
  return contender.name
}
