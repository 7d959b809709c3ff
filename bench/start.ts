// How long a start takes until the first answer, on a database that exists, and how much memory it idles at.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median } from './figures.ts'
import { launch } from './server-process.ts'

/** What npm start runs: it looks whether dist is current, then becomes the server. */
const START = fileURLToPath(new URL('../scripts/start.mjs', import.meta.url))
const RUNS = 7
const SETTLE_MS = 3000
const TARGET_MS = 1000
const TARGET_MB = 150

type Run = { startMs: number; idleMb: number }

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
try {
  process.exitCode = (await measure()) ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Prints the figures; answers whether they are within the targets. */
async function measure(): Promise<boolean> {
  const env = environment()
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

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: `file:${join(folder, 'bench.db')}`,
    SECRET: randomBytes(48).toString('base64url'),
  }
}

async function run(env: NodeJS.ProcessEnv, settleMs: number): Promise<Run> {
  const server = await launch(START, folder, env)
  try {
    await pause(settleMs)
    return { startMs: server.startMs, idleMb: await server.residentMb() }
  } finally {
    await server.stop()
  }
}
