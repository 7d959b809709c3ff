// Runs a whole fleet and lets it suffer:
// npm run fleet -- [--ci] [--galera] [--write] [--list] [name …]
// docs/fleet.md says what it promises.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measured } from '../../bench/support/measured.ts'
import { writeFigures } from '../../bench/support/page.ts'
import { inWorkspace } from '../../bench/support/workspace.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS } from './faults/index.ts'
import { galeraScene } from './galera/scene.ts'
import { gatherCrowd } from './load/crowd.ts'
import { createJournal } from './load/journal.ts'
import { createStarvation } from './load/starvation.ts'
import { type Machines, startFleet } from './machines/fleet.ts'
import { brokenIn, tableOf } from './report.ts'
import { type Outcome, perform } from './stage.ts'

const PEOPLE = 40
const PER_SECOND = 100

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    ci: { type: 'boolean', default: false },
    galera: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const began = performance.now()

if (options.list) for (const { name, what } of FAULTS) console.log(`${name}: ${what}`)
else if (options.galera) {
  await inWorkspace(async ({ onClose }) => {
    const life = { after: onClose }
    const { machines, faults, trials } = await galeraScene(life, options.ci)
    const outcomes = await run(chosen(faults), life, machines)
    console.log(`\n${tableOf(outcomes)}`)
    const figures = `${measured()}.\n\n${trials.text}\n\n${tableOf(outcomes)}`
    if (options.write) writeFigures('fleet.md', figures, '--galera')
    const broken = brokenIn(outcomes)
    if (broken !== '') console.log(`\n${broken}`)
    return trials.held && broken === ''
  })
} else {
  const faults = chosen(FAULTS)
  await inWorkspace(async ({ onClose }) => {
    const outcomes = await run(faults, { after: onClose })
    console.log(`\n${tableOf(outcomes)}`)
    if (options.write) writeFigures('fleet.md', `${measured()}.\n\n${tableOf(outcomes)}`)
    const broken = brokenIn(outcomes)
    return broken === ''
  })
}

/** Ends the program for an unknown name. */
function chosen(all: readonly Fault[]): readonly Fault[] {
  for (const name of names) {
    if (all.some((fault) => fault.name === name)) continue
    console.error(`Nothing is named "${name}". Names: ${all.map((one) => one.name).join(', ')}`)
    process.exit(2)
  }
  if (names.length > 0) return all.filter(({ name }) => names.includes(name))
  return options.ci ? all.filter(({ isInShort }) => isInShort) : all
}

async function run(
  faults: readonly Fault[],
  life: { after: (undo: () => unknown) => void },
  machines: Machines = {},
) {
  say('starts the machines, Redis, nginx and three servers')
  const fleet = await startFleet(life, { ...machines, isShort: options.ci })
  const journal = createJournal()
  const starvation = createStarvation()
  life.after(starvation.stop)
  const { port, servers } = fleet
  const crowd = await gatherCrowd({
    port,
    servers,
    journal,
    starvation,
    people: PEOPLE,
    perSecond: PER_SECOND,
  })
  life.after(crowd.close)
  say(`${PEOPLE} people are signed in`)
  const outcomes: Outcome[] = []
  for (const fault of faults) {
    say(fault.what)
    const outcome = await perform(fault, { fleet, crowd, journal, starvation })
    outcomes.push(outcome)
    const { lines, recoveryMs, broken } = outcome
    say(
      `  ${lines.length} requests, recovered after ${Math.round(recoveryMs)} ms, ${broken.length} promises broken`,
    )
    const said = servers.map((server) => server.output()).join('\n')
    if (process.env.FLEET_LOG) writeFileSync(process.env.FLEET_LOG, said)
    if (broken.length > 0) console.log(brokenIn([outcome]))
  }
  return outcomes
}

function say(text: string): void {
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${String(seconds).padStart(4)} s  ${text}`)
}
