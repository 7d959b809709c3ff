import { table } from '../../../bench/support/table.ts'
import type { GaleraNode } from '../../support/galera.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { type Race, raceForPasswords } from './race.ts'
import { type Starts, startAtOnce } from './starts.ts'

const SERVERS = 3
/** The one that signs, and the next. */
const KEYS = 2

export type Trials = { text: string; held: boolean }

/** What is tried before the load: starts on an empty database, and the race of passwords. */
export async function runTrials(
  life: Lifetime,
  nodes: readonly GaleraNode[],
  counts: { starts: number; rounds: number },
): Promise<Trials> {
  const starts = await startAtOnce(life, nodes, counts.starts)
  const { servers, failures, migrations, signingKeys } = starts
  for (const failure of failures) console.log(`a start failed: ${failure}`)
  // The race needs the first server of each node.
  const [first, second, third, ...others] = servers
  await Promise.all(others.map((server) => server.stop('SIGTERM')))
  if (!first || !second || !third) return { text: 'no server started', held: false }
  const race = await raceForPasswords([first, second, third], counts.rounds)
  await Promise.all([first, second, third].map((server) => server.stop('SIGTERM')))
  const held =
    failures.length + migrations.unfinished + migrations.twice + race.survived === 0 &&
    signingKeys === KEYS &&
    unexpectedIn(race).length === 0
  return { text: textOf(starts, race), held }
}

function textOf(starts: Starts, race: Race): string {
  const { servers, asked, migrations, signingKeys, lastedMs } = starts
  const { rounds, opened, survived, answers } = race
  const [signIns, changes] = ['POST /login 503', 'PUT /password 503'].map(
    (kind) => answers.get(kind) ?? 0,
  )
  return table(
    ['what is tried', 'what came of it'],
    [
      [
        `${asked} servers start at once on an empty database, ${asked / SERVERS} at each node`,
        `${servers.length} of ${asked} ready within ${seconds(lastedMs)} s; ${migrations.applied} migrations, ${migrations.twice} of them twice; signing keys: ${signingKeys}`,
      ],
      [
        `${rounds} times one account signs in without a pause at two nodes while its password changes at the third`,
        `${opened} sessions opened with the old password, ${survived} of them refresh after the change; 503: ${signIns} sign-ins, ${changes} changes; other errors: ${unexpectedIn(race).join(', ') || 'none'}; ${seconds(race.lastedMs)} s`,
      ],
    ],
  )
}

function unexpectedIn({ answers }: Race): string[] {
  return [...answers.keys()].filter((kind) => !/ (200|401|503)$/.test(kind))
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0)
}
