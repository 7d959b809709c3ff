// Where the time and the memory of a request go: npm run bench:profile [-- verify me …] [--seconds 8] [--keep <folder>]
// Writes docs/profiles.md and a flame graph for each operation; with --keep also the profiles themselves.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/build.mjs'
import { machine } from './figures.ts'
import { startHelper } from './flood-helpers.ts'
import { flameGraph } from './profile/flame-graph.ts'
import {
  type CpuProfile,
  type HeapProfile,
  readCpuProfile,
  readHeapProfile,
} from './profile/frames.ts'
import type { Load, Loaded } from './profile/load.ts'
import { OPERATIONS, type Operation, TITLES } from './profile/operations.ts'
import { asPage, type Profiled } from './profile/page.ts'
import { register } from './requests.ts'
import { launch } from './server-process.ts'

const SERVER = fileURLToPath(new URL('profile/profiled-server.mjs', import.meta.url))
const PAGE = fileURLToPath(new URL('../docs/profiles.md', import.meta.url))
const GRAPHS = fileURLToPath(new URL('../docs/profiles', import.meta.url))
const WARM_UP_MS = 3000

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '8' }, keep: { type: 'string' } },
})
const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-profile-'))
const socketPath = join(folder, 'profile.sock')
const settings = {
  DATABASE_URL: `file:${join(folder, 'profile.db')}`,
  SECRET: randomBytes(48).toString('base64url'),
  PROFILE_SOCKET: socketPath,
}
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

await ensureBuilt()
const profiled: Profiled[] = []
await profileStart() // makes the database, too
if (isWanted('start')) profiled.push(await profileStart())
for (const operation of OPERATIONS) {
  if (isWanted(operation)) profiled.push(await profileOperation(operation))
}
mkdirSync(GRAPHS, { recursive: true })
for (const { name, title, cpu } of profiled) {
  writeFileSync(join(GRAPHS, `${name}.svg`), flameGraph(cpu, title))
}
const page = asPage(profiled, machine())
if (positionals.length === 0) writeFileSync(PAGE, page)
else console.log(page)

function start(more: Record<string, string>) {
  return launch(SERVER, folder, { PATH: process.env.PATH, ...settings, ...more })
}

async function profileStart(): Promise<Profiled> {
  const server = await start({ PROFILE_START: '1', NODE_ENV: 'production' })
  try {
    const cpu = readCpuProfile(await stopped<CpuProfile>('cpu', 'start'))
    return { name: 'start', title: TITLES.start, cpu, answers: 1, heapAnswers: 1 }
  } finally {
    await server.stop()
  }
}

async function profileOperation(operation: Operation): Promise<Profiled> {
  const server = await start({ RATE_LIMITS: 'off' })
  const username = `person-${operation}`
  await register(server.base, username)
  const load = startHelper<Load, Loaded>('./profile/load.ts', [server.base, username])
  try {
    const ms = Number(options.seconds) * 1000
    await load.ask({ operation, ms: WARM_UP_MS })
    await ask('/cpu/start')
    const { answers, perSecond } = await load.ask({ operation, ms })
    const cpu = readCpuProfile(await stopped<CpuProfile>('cpu', operation))
    await ask('/heap/start')
    const { answers: heapAnswers } = await load.ask({ operation, ms: ms / 2 })
    const heap = readHeapProfile(await stopped<HeapProfile>('heap', operation))
    console.error(`${TITLES[operation]}: ${perSecond} answers a second with the profiler`)
    return { name: operation, title: TITLES[operation], cpu, heap, answers, heapAnswers }
  } finally {
    load.stop()
    await server.stop()
  }
}

/** Ends a profile; both kinds of file open in the developer tools of Chromium. */
async function stopped<Profile>(kind: 'cpu' | 'heap', name: string): Promise<Profile> {
  const profile = await ask(`/${kind}/stop`)
  if (options.keep) {
    mkdirSync(options.keep, { recursive: true })
    writeFileSync(join(options.keep, `${name}.${kind}profile`), JSON.stringify(profile))
  }
  return profile as Profile
}

function ask(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (answer) => resolve(json(answer)))
      .on('error', reject)
      .end()
  })
}
