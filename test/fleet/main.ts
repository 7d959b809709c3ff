// Runs a whole fleet and lets it suffer: npm run fleet -- [--ci] [--write] [--list] [name …]
// docs/fleet.md says what it promises.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measured } from '../../bench/support/measured.ts'
import { writeFigures } from '../../bench/support/page.ts'
import { inWorkspace } from '../../bench/support/workspace.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS } from './faults/index.ts'
import { gatherCrowd } from './load/crowd.ts'
import { createJournal } from './load/journal.ts'
import { createStarvation } from './load/starvation.ts'
import { startFleet } from './machines/fleet.ts'
import { brokenIn, tableOf } from './report.ts'
import { type Outcome, perform } from './stage.ts'

const PEOPLE = 40
const PER_SECOND = 100

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    ci: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const began = performance.now()

if (options.list) for (const { name, what } of FAULTS) console.log(`${name}: ${what}`)
else {
  const faults = chosen()
  await inWorkspace(async ({ onClose }) => {
    const outcomes = await run(faults, { after: onClose })
    console.log(`\n${tableOf(outcomes)}`)
    if (options.write) writeFigures('fleet.md', `${measured()}.\n\n${tableOf(outcomes)}`)
    const broken = brokenIn(outcomes)
    return broken === ''
  })
}

/** @throws Error for an unknown name */
function chosen(): readonly Fault[] {
  for (const name of names) {
    if (!FAULTS.some((fault) => fault.name === name)) throw new Error(`nothing is named "${name}"`)
  }
  if (names.length > 0) return FAULTS.filter(({ name }) => names.includes(name))
  return options.ci ? FAULTS.filter(({ isInShort }) => isInShort) : FAULTS
}

async function run(faults: readonly Fault[], life: { after: (undo: () => unknown) => void }) {
  say('starts MariaDB and its replica, Redis, nginx and three servers')
  const fleet = await startFleet(life, { isShort: options.ci })
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
