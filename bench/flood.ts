// What a flood of sign-ins does to everybody else, and to the memory of the server:
// npm run bench:flood [-- --write]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/build.mjs'
import { loadConfig } from '../src/config.ts'
import { hashesAtOnce } from '../src/platform/hash-governor.ts'
import { startHelper } from './flood-helpers.ts'
import type { Probed } from './flood-probe.ts'
import { asPage, asText, missed, type Report, type Round } from './flood-report.ts'
import type { Flood, Flooded } from './flood-sign-ins.ts'
import { PASSWORD, register } from './requests.ts'
import { launchBuilt, type ServerProcess } from './server-process.ts'

const PAGE = fileURLToPath(new URL('../docs/flood.md', import.meta.url))
const ROUNDS = 3
const ROUND_MS = 12_000
const WARM_UP_MS = 3000
/** From the beginning of a flood until its effect is measured. */
const SWELL_MS = 1000
const CONNECTIONS = 200
const PEOPLE = 40
const MEMORY_EVERY_MS = 250
const SETTLE_MS = 5000

const { values: options } = parseArgs({ options: { write: { type: 'boolean' } } })
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const settings = {
  DATABASE_URL: `file:${join(folder, 'flood.db')}`,
  SECRET: randomBytes(48).toString('base64url'),
  RATE_LIMITS: 'off',
}

await ensureBuilt()
const server = await launchBuilt(folder, settings)
try {
  const report = await measure(server)
  console.log(asText(report))
  if (options.write) writeFileSync(PAGE, asPage(report))
  process.exitCode = missed(report).length === 0 ? 0 : 1
} finally {
  await server.stop()
}

async function measure({ base, residentMb }: ServerProcess): Promise<Report> {
  const helpers = await startHelpers(base)
  const { probe } = helpers
  try {
    await probe.ask({ ms: WARM_UP_MS })
    const load = loadavg()[0] ?? Number.NaN
    const memory = await watchMemory(residentMb)
    await measureRound(helpers, WARM_UP_MS)
    const rounds: Round[] = []
    for (let turn = 0; turn < ROUNDS; turn++) rounds.push(await measureRound(helpers, ROUND_MS))
    return {
      connections: CONNECTIONS,
      roundMs: ROUND_MS,
      floodMs: ROUND_MS + SWELL_MS,
      hashesAtOnce: hashesAtOnce(loadConfig(settings).argon2),
      load,
      rounds,
      memory: await memory.end(),
    }
  } finally {
    probe.stop()
    helpers.flood.stop()
  }
}

/** One process that looks on, and one that makes the flood. */
async function startHelpers(base: string) {
  const [reader, ...people] = await Promise.all(
    Array.from({ length: PEOPLE + 1 }, (_, at) => register(base, `person-${at}`)),
  )
  // Right and wrong passwords are of different people, since wrong ones lock an account.
  const bodies = people.map(({ username }, at) =>
    JSON.stringify({ username, password: at % 2 === 0 ? PASSWORD : `not ${PASSWORD}` }),
  )
  const token = reader?.access_token ?? ''
  return {
    probe: startHelper<{ ms: number }, Probed>('./flood-probe.ts', [base, token]),
    flood: startHelper<Flood, Flooded>('./flood-sign-ins.ts', [base, ...bodies]),
  }
}

type Helpers = Awaited<ReturnType<typeof startHelpers>>

async function measureRound({ probe, flood }: Helpers, ms: number): Promise<Round> {
  const calm = await probe.ask({ ms })
  const flooding = flood.ask({ connections: CONNECTIONS, ms: ms + SWELL_MS })
  await pause(SWELL_MS)
  const stormy = await probe.ask({ ms })
  return { calm, stormy, flooded: await flooding }
}

async function watchMemory(residentMb: ServerProcess['residentMb']) {
  const before = await residentMb()
  let highest = before
  const watch = setInterval(async () => {
    highest = Math.max(highest, await residentMb())
  }, MEMORY_EVERY_MS)
  async function end(): Promise<Report['memory']> {
    clearInterval(watch)
    await pause(SETTLE_MS)
    return { before, highest, after: await residentMb() }
  }
  return { end }
}
