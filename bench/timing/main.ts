// Whether the time of a refused sign-in tells why it was refused, and that of a reset whose it is:
// npm run timing [-- --sqlite] [-- --mysql] [-- --resets] [-- --quick]

import { Agent } from 'node:http'
import { parseArgs } from 'node:util'
import { median, shuffle } from 'simple-statistics'
import { loadConfig } from '../../src/config/config.ts'
import { OPERATOR } from '../../src/platform/actor.ts'
import { createPasswords } from '../../src/platform/passwords/passwords.ts'
import { openLatchkey } from '../../src/server.ts'
import { chosenDatabases, type Databases } from '../support/databases.ts'
import { timed } from '../support/interleaved.ts'
import { measured } from '../support/measured.ts'
import { exchange, post } from '../support/requests.ts'
import { type Server, settingsFor, startLatchkey } from '../support/server.ts'
import { differenceOfMedians } from '../support/statistics.ts'
import { inWorkspace, type Workspace } from '../support/workspace.ts'
import { compareChallenges } from './challenges.ts'
import {
  type Attempt,
  type Dependencies,
  type Pair,
  people,
  prepareNames,
  preparePairs,
  raisedPairs,
} from './pairs.ts'
import { startRelay } from './relay.ts'

/** How far the medians may differ, as a share of one hash. */
const MOST_SHARE = 0.05
/** 2.5 times the work of the default. */
const RAISED = { ARGON2_MEMORY_KIB: '32768', ARGON2_TIME: '3' }

const { values: options } = parseArgs({
  options: {
    ...{ sqlite: { type: 'boolean' }, mysql: { type: 'boolean' }, quick: { type: 'boolean' } },
    // Leaves out the sign-ins.
    resets: { type: 'boolean' },
  },
})
/** Attempts of each kind in a pair. */
const count = options.quick ? 10 : 200
const warmUp = options.quick ? 2 : 20
const hashes = options.quick ? 5 : 41
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

await inWorkspace(async (workspace) => {
  console.log(`${measured()}.\n`)
  const isAlike: boolean[] = []
  const { sqlite = false, mysql = false } = options
  // The time of a sign-in is that of the hash, so one database does unless both are asked for.
  const chosen = { sqlite: sqlite || !mysql, mysql }
  for await (const databases of chosenDatabases(chosen, workspace)) {
    if (!options.resets) isAlike.push(await measure(databases, workspace))
    isAlike.push(await measureResets(databases, workspace))
  }
  agent.destroy()
  return isAlike.every(Boolean) || options.quick === true
})

/** Prints a line for each pair; answers whether all of them are alike. */
async function measure(databases: Databases, { folder }: Workspace): Promise<boolean> {
  const settings = settingsFor(folder, await databases.create('timing'))
  const raised = { ...settings, ...RAISED }
  const onServer = async <T>(own: Settings, work: (server: Server) => Promise<T>): Promise<T> => {
    const server = await startLatchkey(folder, own)
    return work(server).finally(server.stop)
  }
  const isAlike = await onServer(settings, async (server) =>
    compareAll(server, await prepare(server, settings, preparePairs), settings, databases.version),
  )
  const [former, second] = await onServer(settings, async ({ base }) => [
    await people(base, 'former', count),
    await people(base, 'second', count),
  ])
  const later = await onServer(raised, ({ base }) => people(base, 'later', count))
  // A server learns at its start what the stored hashes cost.
  const pairs = raisedPairs([former ?? [], second ?? [], later], count)
  const title = `${databases.version}, cost raised`
  const staysAlike = await onServer(raised, (server) => compareAll(server, pairs, raised, title))
  return isAlike && staysAlike
}

type Settings = Record<string, string>

/** Prints how far resets of each kind of name are apart; answers whether all of them are alike. */
async function measureResets(databases: Databases, { folder }: Workspace): Promise<boolean> {
  const relay = await startRelay()
  const mails = { SMTP_URL: relay.url, EMAIL_VERIFICATION: 'off' }
  const settings = { ...settingsFor(folder, await databases.create('resets')), ...mails }
  const server = await startLatchkey(folder, settings)
  console.log(`${databases.version}, resets: ${count} of each kind\n`)
  try {
    const names = await prepare(server, settings, prepareNames)
    return await compareChallenges(server.base, names, { count, warmUp, agent })
  } finally {
    await server.stop()
    relay.stop()
  }
}

async function compareAll(server: Server, pairs: Pair[], settings: Settings, title: string) {
  const hashMs = await oneHash(settings)
  console.log(
    `${title}: one hash takes ${ms(hashMs)} ms, so ${ms(hashMs * MOST_SHARE)} ms are allowed\n`,
  )
  const verdicts: boolean[] = []
  for (const pair of pairs) verdicts.push(await compare(server, pair, hashMs))
  return verdicts.every(Boolean)
}

async function prepare<Prepared>(
  { base }: Server,
  settings: Settings,
  make: (dependencies: Dependencies) => Promise<Prepared>,
): Promise<Prepared> {
  // A second process on the same database, as the command line of operators is.
  const config = loadConfig(settings)
  const { services, close } = await openLatchkey({ config, masterSecrets: config.secrets ?? [] })
  try {
    return await make({
      base,
      count,
      signIn: (attempt) => signIn(base, attempt),
      disable: async (login) => {
        const { find, change } = services.administration
        await change(await find(login), { disabled: true }, OPERATOR)
      },
    })
  } finally {
    await close()
  }
}

/** The median of hashes at the cost that the server has. */
async function oneHash(settings: Settings): Promise<number> {
  const { hash } = createPasswords(loadConfig(settings).argon2)
  const times: number[] = []
  for (let turn = 0; turn < hashes; turn++) {
    times.push((await timed(() => hash('a password of usual length'))).ms)
  }
  return median(times)
}

/** Both kinds in an order of chance, one at a time, so that whatever else happens hits both. */
async function compare({ base }: Server, pair: Pair, hashMs: number): Promise<boolean> {
  const [one, other] = pair.attempts
  for (const attempt of one.slice(0, warmUp)) await signIn(base, attempt)
  const times: [number[], number[]] = [[], []]
  const attempts = [one, other].flatMap((all, kind) => all.map((attempt) => ({ attempt, kind })))
  for (const { attempt, kind } of shuffle(attempts)) {
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
    `       difference ${ms(difference)} ms, ${share} % of one hash; with 95 % confidence ${ms(low)} to ${ms(high)} ms${isUncertain ? ': this machine is too busy to be sure' : ''}\n`,
  )
  return isAlike
}

/** @returns milliseconds until the refusal. @throws Error for any other answer */
async function signIn(base: string, attempt: Attempt): Promise<number> {
  const { ms: took, status } = await timed(
    async () => (await exchange(base, post('/login', attempt), agent)).status,
  )
  if (status !== 401) throw new Error(`POST /login of ${attempt.username} answered ${status}`)
  return took
}

function ms(value: number): string {
  return value.toFixed(2)
}
