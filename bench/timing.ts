// Whether the time of a refused sign-in tells why it was refused:
// npm run timing [-- --sqlite] [-- --mysql]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/build.mjs'
import { loadConfig } from '../src/config.ts'
import { openLatchkey } from '../src/latchkey.ts'
import { createPasswords } from '../src/platform/passwords.ts'
import { differenceOfMedians, machine, median } from './figures.ts'
import { type Leavings, mysqlPlace, type Place, sqlitePlace } from './houses-worlds.ts'
import { exchange } from './requests.ts'
import { launchBuilt, type ServerProcess } from './server-process.ts'
import { type Attempt, type Pair, preparePairs } from './timing-pairs.ts'

/** Attempts of each kind in a pair: 400 together. */
const COUNT = 200
const WARM_UP = 40
const HASHES = 41
/** How far the medians may differ, as a share of one hash. */
const MOST_SHARE = 0.05

const { values: options } = parseArgs({
  options: { sqlite: { type: 'boolean' }, mysql: { type: 'boolean' } },
})
const scratch = mkdtempSync(join(tmpdir(), 'latchkey-timing-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const leavings: Leavings = []
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

await ensureBuilt()
try {
  console.log(`${machine()}\n`)
  const verdicts: boolean[] = []
  for (const place of await places()) verdicts.push(await measure(place))
  process.exitCode = verdicts.every(Boolean) ? 0 : 1
} finally {
  for (const undo of leavings.splice(0).reverse()) await undo()
}

async function places(): Promise<Place[]> {
  const { sqlite = false, mysql = false } = options
  return [
    ...(sqlite || !mysql ? [sqlitePlace(scratch)] : []),
    ...(mysql ? [await mysqlPlace(scratch, leavings)] : []),
  ]
}

/** Prints a line for each pair; answers whether all of them are alike. */
async function measure(place: Place): Promise<boolean> {
  const settings = {
    DATABASE_URL: await place.url(),
    SECRET: randomBytes(48).toString('base64url'),
    UPLOADS_DIR: join(scratch, 'uploads'),
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
  }
  const server = await launchBuilt(scratch, settings)
  try {
    const pairs = await prepare(server, settings)
    const hashMs = await oneHash(settings)
    console.log(
      `${place.name}: one hash takes ${ms(hashMs)} ms, so ${ms(hashMs * MOST_SHARE)} ms are allowed\n`,
    )
    const verdicts: boolean[] = []
    for (const pair of pairs) verdicts.push(await compare(server, pair, hashMs))
    return verdicts.every(Boolean)
  } finally {
    agent.destroy()
    await server.stop()
  }
}

async function prepare({ base }: ServerProcess, settings: Record<string, string>) {
  // A second process on the same database, as the command line of operators is.
  const config = loadConfig(settings)
  const { services, close } = await openLatchkey({ config, masterSecrets: config.secrets ?? [] })
  try {
    return await preparePairs({
      base,
      count: COUNT,
      signIn: (attempt) => signIn(base, attempt),
      disable: services.administration.disable,
    })
  } finally {
    await close()
  }
}

/** The median of hashes at the cost that the server has. */
async function oneHash(settings: Record<string, string>): Promise<number> {
  const { hash } = createPasswords(loadConfig(settings).argon2)
  const times: number[] = []
  for (let turn = 0; turn < HASHES; turn++) {
    const startedAt = performance.now()
    await hash('a password of usual length')
    times.push(performance.now() - startedAt)
  }
  return median(times)
}

/** Both kinds in an order of chance, one at a time, so that whatever else happens hits both. */
async function compare({ base }: ServerProcess, pair: Pair, hashMs: number): Promise<boolean> {
  const [one, other] = pair.attempts
  for (const attempt of one.slice(0, WARM_UP / 2)) await signIn(base, attempt)
  const times: [number[], number[]] = [[], []]
  const attempts = [one, other].flatMap((all, kind) => all.map((attempt) => ({ attempt, kind })))
  for (const { attempt, kind } of shuffled(attempts)) {
    times[kind]?.push(await signIn(base, attempt))
  }
  const { difference, low, high } = differenceOfMedians(...times)
  const allowedMs = hashMs * MOST_SHARE
  const isAlike = Math.abs(difference) < allowedMs
  const isUncertain = high - low > 2 * allowedMs
  const share = ((difference / hashMs) * 100).toFixed(1)
  console.log(`${isAlike ? 'alike' : 'APART'}  ${pair.one}: ${ms(median(times[0]))} ms`)
  console.log(`       ${pair.other}: ${ms(median(times[1]))} ms`)
  console.log(
    `       difference ${ms(difference)} ms, ${share} % of one hash; with 95 % confidence ${ms(low)} to ${ms(high)} ms${isUncertain ? ': too much else goes on here to be sure' : ''}\n`,
  )
  return isAlike
}

/** @returns milliseconds until the refusal. @throws Error for any other answer */
async function signIn(base: string, attempt: Attempt): Promise<number> {
  const body = JSON.stringify(attempt)
  const headers = {
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(body)}`,
  }
  const startedAt = performance.now()
  const status = await exchange(`${base}/login`, { agent, method: 'POST', headers, body })
  if (status !== 401) throw new Error(`POST /login of ${attempt.username} answered ${status}`)
  return performance.now() - startedAt
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ value }) => value)
}

function ms(value: number): string {
  return value.toFixed(2)
}
