// What a flood of sign-ins does to everybody else, and to the memory of the server:
// npm run bench:flood [-- --quick] [-- --write]
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startHelper } from '../support/helper.ts'
import { writeFigures } from '../support/page.ts'
import { PASSWORD, registerEach } from '../support/requests.ts'
import { type Server, settingsFor, startLatchkey } from '../support/server.ts'
import { inWorkspace, type Workspace } from '../support/workspace.ts'
import { floodOneAccount } from './one-account.ts'
import type { Probe, Probed } from './probe.ts'
import { figuresOf, missedIn, type Report, type Round } from './report.ts'
import type { Flood, Flooded, SignIn } from './sign-ins.ts'

/** From the beginning of a flood until its effect is measured. */
const SWELL_MS = 1000
const CONNECTIONS = 200
const PEOPLE = 40
const MEMORY_EVERY_MS = 250

const { values: options } = parseArgs({
  options: { write: { type: 'boolean' }, quick: { type: 'boolean' } },
})
const plan = options.quick
  ? { rounds: 1, roundMs: 4000, warmUpMs: 500, settleMs: 500 }
  : { rounds: 10, roundMs: 12_000, warmUpMs: 3000, settleMs: 5000 }

await inWorkspace(async (workspace) => {
  const url = `file:${join(workspace.folder, 'flood.db')}`
  const settings = { ...settingsFor(workspace.folder, url), TRUST_PROXY: '127.0.0.1' }
  const server = await startLatchkey(workspace.folder, settings)
  workspace.onClose(server.stop)
  const report = await measure(server, workspace)
  console.log(figuresOf(report))
  if (options.write) writeFigures('flood.md', figuresOf(report))
  const missed = missedIn(report)
  for (const what of missed) console.log(`MISSED: ${what}`)
  return missed.length === 0 || options.quick === true
})

async function measure(server: Server, { onClose }: Workspace): Promise<Report> {
  const helpers = await startHelpers(server)
  onClose(helpers.stop)
  await helpers.probe(plan.warmUpMs)
  const memory = watchMemory(server)
  await measureRound(helpers, plan.warmUpMs)
  const rounds: Round[] = []
  while (rounds.length < plan.rounds) rounds.push(await measureRound(helpers, plan.roundMs))
  return {
    floodMs: plan.roundMs + SWELL_MS,
    rounds,
    memory: await memory.end(),
    beside: await floodOneAccount(server.base, plan.roundMs),
  }
}

/** One process that looks on, and one that makes the flood. */
async function startHelpers({ base }: Server) {
  const [reader, ...people] = await registerEach(base, 'person', PEOPLE + 1)
  // Right and wrong passwords are of different people, since wrong ones lock an account.
  const signIns = people.map(({ username }, at): SignIn => {
    return { username, password: at % 2 === 0 ? PASSWORD : `not ${PASSWORD}` }
  })
  const token = reader?.token ?? ''
  const probe = startHelper<Probe, Probed>(new URL('./probe.ts', import.meta.url))
  const flood = startHelper<Flood, Flooded>(new URL('./sign-ins.ts', import.meta.url))
  return {
    probe: (ms: number) => probe.ask({ base, token, ms }),
    flood: (ms: number) => flood.ask({ base, signIns, connections: CONNECTIONS, ms }),
    stop: () => [probe, flood].map(({ stop }) => stop()),
  }
}

type Helpers = Awaited<ReturnType<typeof startHelpers>>

async function measureRound({ probe, flood }: Helpers, ms: number): Promise<Round> {
  const calm = await probe(ms)
  const flooding = flood(ms + SWELL_MS)
  await pause(SWELL_MS)
  const stormy = await probe(ms)
  return { calm, stormy, flooded: await flooding }
}

function watchMemory({ usage }: Server) {
  const residentMb = () => Math.round(usage().memoryMb)
  const before = residentMb()
  let highest = before
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMb())
  }, MEMORY_EVERY_MS)
  async function end(): Promise<Report['memory']> {
    clearInterval(watch)
    await pause(plan.settleMs)
    return { before, highest, after: residentMb() }
  }
  return { end }
}
