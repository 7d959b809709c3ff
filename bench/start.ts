// How long a start takes until the first answer, on a database that exists, and how much memory it idles at.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** What npm start runs: it looks whether dist is current, then becomes the server. */
const START = fileURLToPath(new URL('../scripts/start.mjs', import.meta.url))
const RUNS = 7
const SETTLE_MS = 3000
const GIVE_UP_MS = 30_000
const TARGET_MS = 2000
const TARGET_MB = 160

type Run = { startMs: number; idleMb: number }

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
try {
  process.exitCode = (await measure()) ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Prints the figures; answers whether they are within the targets. */
async function measure(): Promise<boolean> {
  const env = await environment()
  await run(env, 0) // builds what has changed, creates the database
  const runs: Run[] = []
  for (let turn = 1; turn <= RUNS; turn++) runs.push(await run(env, turn === RUNS ? SETTLE_MS : 0))
  const startMs = median(runs.map((one) => one.startMs))
  const idleMb = runs.at(-1)?.idleMb ?? Number.NaN
  console.log(
    `start to first answer     ${startMs} ms   (median of ${RUNS}; target ${TARGET_MS} ms)`,
  )
  console.log(`resident memory, idle     ${idleMb} MB   (target ${TARGET_MB} MB)`)
  return startMs <= TARGET_MS && idleMb <= TARGET_MB
}

async function environment(): Promise<NodeJS.ProcessEnv> {
  const port = `${await freePort()}`
  return {
    ...process.env,
    NODE_ENV: 'production',
    PORT: port,
    PUBLIC_URL: `http://localhost:${port}`,
    DATABASE_URL: `file:${join(folder, 'bench.db')}`,
    SECRET: randomBytes(48).toString('base64url'),
  }
}

async function run(env: NodeJS.ProcessEnv, settleMs: number): Promise<Run> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [START], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    await firstAnswer(`http://127.0.0.1:${env.PORT}/livez`, child)
    const startMs = Math.round(performance.now() - startedAt)
    await pause(settleMs)
    return { startMs, idleMb: residentMb(child) }
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
}

async function firstAnswer(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (child.exitCode === null && performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await pause(5)
  }
  throw new Error('the server gave no answer')
}

function residentMb(child: ChildProcess): number {
  const output = execFileSync('ps', ['-o', 'rss=', '-p', `${child.pid}`], { encoding: 'utf8' })
  return Math.round(Number(output) / 1024)
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
