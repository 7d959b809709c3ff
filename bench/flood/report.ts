import { measured } from '../support/measured.ts'
import { percentiles } from '../support/statistics.ts'
import { table } from '../support/table.ts'
import type { Beside } from './one-account.ts'
import type { Probed } from './probe.ts'
import type { Flooded } from './sign-ins.ts'

/** The limit of p99 in each round of the flood, in milliseconds. */
const MAX_P99_MS = 50
/** How much the flood may add to the memory of the server, in MiB. */
const MAX_MB = 256
/** Everything that a sign-in of the flood may be answered with. */
const STATUSES = [200, 401, 503]

/** The same probe without the flood and with it, and how the flood fared. */
export type Round = { calm: Probed; stormy: Probed; flooded: Flooded }

export type Report = {
  floodMs: number
  rounds: Round[]
  /** Resident MiB. */
  memory: { before: number; highest: number; after: number }
  beside: Beside[]
}

/** What was promised and did not hold, in words. */
export function missedIn({ rounds, memory, beside }: Report): string[] {
  const flooded = rounds.map((round) => round.flooded)
  const unexpected = flooded.flatMap(({ statuses }) =>
    Object.keys(statuses).filter((status) => !STATUSES.includes(Number(status))),
  )
  const late = probedPaths.filter((path) =>
    rounds.some((round) => {
      const [p99 = 0] = percentiles(round.stormy[path], [0.99])
      return p99 >= MAX_P99_MS
    }),
  )
  return [
    ...late.map((path) => `p99 of GET ${path} is not under ${MAX_P99_MS} ms in each round`),
    ...unexpected.map((status) => `sign-ins were answered with ${status}`),
    ...flooded
      .filter(({ withoutRetryAfter, broken }) => withoutRetryAfter + broken > 0)
      .map((one) => `${one.withoutRetryAfter} without Retry-After, ${one.broken} broken off`),
    ...flooded.filter(({ statuses }) => !statuses[503]).map(() => 'nothing was shed'),
    ...beside
      .filter(({ refused }) => refused > 0)
      .map(({ what, refused }) => `${refused} sign-ins were refused beside one account ${what}`),
    ...(memory.highest - memory.before > MAX_MB ? [`memory grew by over ${MAX_MB} MiB`] : []),
  ]
}

/** For the terminal and for docs/flood.md. */
export function figuresOf(report: Report): string {
  const { before, highest, after } = report.memory
  return `${measured()}. Times are in milliseconds.

### What others see

${latencies(report)}

### What becomes of the sign-ins

${floods(report)}

### One account

${oneAccount(report)}

### Memory

Resident memory: ${before} MiB before the flood, ${highest} MiB at its highest, ${after} MiB five seconds after it.`
}

const probedPaths: (keyof Probed)[] = ['/livez', '/me']
type Phase = 'calm' | 'stormy'

function all(rounds: Round[], phase: Phase, path: keyof Probed): number[] {
  return rounds.flatMap((round) => round[phase][path])
}

function latencies({ rounds }: Report): string {
  const groups: [string, Round[]][] = rounds.map((round, at) => [`round ${at + 1}`, [round]])
  const rows = probedPaths.flatMap((path) =>
    [...groups, ['all', rounds] satisfies [string, Round[]]].map(([name, some]) => [
      `${path}, ${name}`,
      ...spread(all(some, 'calm', path)),
      ...spread(all(some, 'stormy', path)),
    ]),
  )
  return table(['', 'alone p50', 'p99', 'max', 'flood p50', 'p99', 'max'], rows)
}

function floods({ rounds, floodMs }: Report): string {
  const rows = rounds.map(({ flooded: { statuses, withoutRetryAfter, served } }, at) => [
    `round ${at + 1}`,
    ...STATUSES.map((status) => `${statuses[status] ?? 0}`),
    `${withoutRetryAfter}`,
    (served.length / (floodMs / 1000)).toFixed(0),
    ...spread(served),
  ])
  const answers = [...STATUSES.map(String), 'no Retry-After', 'served/s']
  return table(['', ...answers, 'sign-in p50', 'p99', 'max'], rows)
}

function oneAccount({ beside }: Report): string {
  const rows = beside.map(({ what, served, refused, flooded: { statuses } }) => [
    what,
    `${served.length}`,
    `${refused}`,
    ...spread(served),
    ...[200, 503].map((status) => `${statuses[status] ?? 0}`),
  ])
  return table(['', 'others served', 'refused', 'p50', 'p99', 'max', 'flood 200', '503'], rows)
}

function spread(times: number[]): string[] {
  return percentiles(times, [0.5, 0.99, 1]).map((ms) => ms.toFixed(ms < 100 ? 1 : 0))
}
