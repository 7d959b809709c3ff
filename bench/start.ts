// How long a start takes on an existing database until the first answer, and how much memory the
// server idles at: npm run bench:start [-- --quick]
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { settingsFor, startLatchkey } from './support/server.ts'
import { inWorkspace } from './support/workspace.ts'

/** What npm start runs: it looks whether dist is current, then becomes the server. */
const START = fileURLToPath(new URL('../scripts/start.mjs', import.meta.url))
const SETTLE_MS = 3000
const TARGET_MS = 1000
const TARGET_MB = 150

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' } } })
const runs = options.quick ? 2 : 7

await inWorkspace(async ({ folder }) => {
  const { DATABASE_URL, SECRET } = settingsFor(folder, `file:${join(folder, 'start.db')}`)
  const env = { ...process.env, NODE_ENV: 'production', DATABASE_URL, SECRET }
  await run(0) // creates the database
  const times: number[] = []
  let idleMb = Number.NaN
  for (let turn = 1; turn <= runs; turn++) {
    const { startMs, memoryMb } = await run(turn === runs ? SETTLE_MS : 0)
    times.push(startMs)
    idleMb = Math.round(memoryMb)
  }
  const startMs = Math.round(median(times))
  console.log(`start to first answer  ${startMs} ms (median of ${runs}; target ${TARGET_MS} ms)`)
  console.log(`resident memory, idle  ${idleMb} MB (target ${TARGET_MB} MB)`)
  return (startMs <= TARGET_MS && idleMb <= TARGET_MB) || options.quick === true

  async function run(settleMs: number) {
    const server = await startLatchkey(folder, env, START)
    await pause(settleMs)
    const { memoryMb } = server.usage()
    await server.stop()
    return { startMs: server.startMs, memoryMb }
  }
})
