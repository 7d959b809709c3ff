// Profiles of the start and of each operation, to be opened in speedscope:
// npm run bench:profile [-- verify me …] [-- --seconds 8] [-- --folder profiles] [-- --write]
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CONNECTIONS } from '../load/questions.ts'
import { startLoadProcess } from '../load/start.ts'
import type { Operation } from '../load/target.ts'
import { measured } from '../support/measured.ts'
import { writeFigures } from '../support/page.ts'
import { settingsFor, startLatchkey } from '../support/server.ts'
import { table } from '../support/table.ts'
import { inWorkspace, type Workspace } from '../support/workspace.ts'

const SERVER = fileURLToPath(new URL('profiled-server.mjs', import.meta.url))
const PEOPLE = 64
const TITLES: Record<Operation, string> = {
  verify: `\`GET /verify\`, ${CONNECTIONS.verify} connections`,
  me: `\`GET /me\`, ${CONNECTIONS.me} connections`,
  login: `\`POST /login\`, ${CONNECTIONS.login} connections`,
  refresh: `\`POST /refresh\`, ${CONNECTIONS.refresh} chains`,
}
const OPERATIONS: Operation[] = ['verify', 'me', 'login', 'refresh']

type CpuProfile = {
  nodes: { id: number; callFrame: { functionName: string } }[]
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}
type HeapNode = { selfSize: number; children: HeapNode[] }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '8' },
    folder: { type: 'string', default: 'profiles' },
    write: { type: 'boolean' },
  },
})
const ms = Number(options.seconds) * 1000
const warmUpMs = Math.min(3000, ms / 2)

await inWorkspace(async (workspace) => {
  const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name)
  const { profileStart, profileOperation } = createProfiler(workspace)
  const rows: string[][] = []
  mkdirSync(options.folder, { recursive: true })
  await profileStart() // creates the database
  if (isWanted('start')) rows.push(await profileStart())
  for (const operation of OPERATIONS.filter(isWanted)) rows.push(await profileOperation(operation))
  const head = ['operation', 'main thread, ms each', 'allocated, KiB each']
  const figures = `${measured()}.\n\n${table(head, rows)}`
  console.log(`${figures}\n\nOpen a profile: npx speedscope ${options.folder}/verify.cpuprofile`)
  if (options.write) writeFigures('profiles.md', figures)
  return true
})

function createProfiler({ folder, onClose }: Workspace) {
  const socketPath = join(folder, 'profile.sock')
  const { DATABASE_URL, SECRET } = settingsFor(folder, `file:${join(folder, 'profile.db')}`)
  // Without the window, each refresh rotates.
  const settings = { DATABASE_URL, SECRET, REFRESH_GRACE: '0s', PROFILE_SOCKET: socketPath }
  const loads = startLoadProcess()
  onClose(loads.stop)

  async function profileStart(): Promise<string[]> {
    const start = { PROFILE_START: '1', NODE_ENV: 'production' }
    const server = await startLatchkey(folder, { ...settings, ...start }, SERVER)
    const cpu = await stop<CpuProfile>('cpu', 'start').finally(server.stop)
    return ['start to first answer, existing database', busyMs(cpu).toFixed(0), '']
  }

  async function profileOperation(operation: Operation): Promise<string[]> {
    const server = await startLatchkey(folder, { ...settings, RATE_LIMITS: 'off' }, SERVER)
    onClose(server.stop)
    const load = loads.on('Latchkey', server.port)
    const connections = CONNECTIONS[operation]
    const run = async (time: number) =>
      (await load.ask({ kind: 'closed', operation, connections, warmUpMs: 0, ms: time })).answers
    await load.ask({ kind: 'settle', people: PEOPLE, prefix: operation })
    await run(warmUpMs)
    await ask('/cpu/start')
    const answers = await run(ms)
    const cpu = await stop<CpuProfile>('cpu', operation)
    await ask('/heap/start')
    const allocating = await run(ms / 2)
    const { head } = await stop<{ head: HeapNode }>('heap', operation)
    await server.stop()
    const kib = bytesBelow(head) / 1024 / allocating
    return [TITLES[operation], (busyMs(cpu) / answers).toFixed(3), kib.toFixed(1)]
  }

  /** Ends a profile and keeps it. */
  async function stop<Profile>(kind: 'cpu' | 'heap', name: string): Promise<Profile> {
    const profile = await ask(`/${kind}/stop`)
    writeFileSync(join(options.folder, `${name}.${kind}profile`), JSON.stringify(profile))
    return profile as Profile
  }

  function ask(path: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      request({ socketPath, path }, (answer) => resolve(json(answer)))
        .on('error', reject)
        .end()
    })
  }

  return { profileStart, profileOperation }
}

/** The time in which the main thread had something to do. */
function busyMs({ nodes, samples, timeDeltas }: CpuProfile): number {
  const idle = nodes.find(({ callFrame }) => callFrame.functionName === '(idle)')?.id
  const busy = samples.map((id, at) => (id === idle ? 0 : (timeDeltas[at + 1] ?? 0)))
  return busy.reduce((sum, microseconds) => sum + microseconds, 0) / 1000
}

/** What was allocated, whether it still lives or not. */
function bytesBelow({ selfSize, children }: HeapNode): number {
  return children.reduce((sum, child) => sum + bytesBelow(child), selfSize)
}
