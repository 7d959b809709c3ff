import { machine, quantile } from './figures.ts'
import type { Probed } from './flood-probe.ts'
import type { Flooded } from './flood-sign-ins.ts'

/** What one request in a hundred may take at most while the flood goes on, in milliseconds. */
const MOST_MS = 50
/** How much the flood may add to the memory of the server, in MiB. */
const MOST_MB = 256
/** Everything that a sign-in of the flood may be answered with. */
const STATUSES = [200, 401, 503]

/** The same probe twice, without the flood and with it, and how the flood fared. */
export type Round = { calm: Probed; stormy: Probed; flooded: Flooded }

export type Report = {
  connections: number
  roundMs: number
  floodMs: number
  hashesAtOnce: number
  /** Load average of the last minute before the first round. */
  load: number
  rounds: Round[]
  /** Resident MiB. */
  memory: { before: number; highest: number; after: number }
}

/** What was promised and did not hold, in words. */
export function missed({ rounds, memory }: Report): string[] {
  const flooded = rounds.map((round) => round.flooded)
  const strange = flooded.flatMap(({ statuses }) =>
    Object.keys(statuses).filter((status) => !STATUSES.includes(Number(status))),
  )
  const late = probedPaths.filter((path) => quantile(all(rounds, 'stormy', path), 0.99) >= MOST_MS)
  return [
    ...late.map((path) => `p99 of GET ${path} is not under ${MOST_MS} ms`),
    ...strange.map((status) => `sign-ins were answered with ${status}`),
    ...flooded
      .filter(({ withoutRetryAfter, broken }) => withoutRetryAfter + broken > 0)
      .map((one) => `${one.withoutRetryAfter} without Retry-After, ${one.broken} broken off`),
    ...flooded.filter(({ statuses }) => !statuses[503]).map(() => 'nothing was shed'),
    ...(memory.highest - memory.before > MOST_MB ? [`memory grew by over ${MOST_MB} MiB`] : []),
  ]
}

/** The figures for a terminal. */
export function asText(report: Report): string {
  const misses = missed(report).map((miss) => `MISSED: ${miss}`)
  const tables = [latencies(report), floods(report)].map((rows) =>
    rows.map((cells) =>
      cells.map((cell, at) => (at === 0 ? cell.padEnd(22) : cell.padStart(9))).join(' '),
    ),
  )
  return [conditions(report), ...tables.flat(), memoryText(report), ...misses].join('\n')
}

/** The page for people who want to know what a flood does. */
export function asPage(report: Report): string {
  return `# A flood of sign-ins

<!-- Written by "npm run bench:flood -- --write"; run it again to change the figures. -->

A password hash is made to be slow, so whoever sends sign-ins by the hundred could keep the whole machine busy, or fill its
memory. Latchkey therefore runs only a few hashes at once, lets a short queue wait, and sheds the rest:

- **At once**: as many hashes as there are cores, as long as they fit into 256 MiB together and two threads of Node's
  pool stay free for files and name servers. A hash with several lanes (\`ARGON2_PARALLELISM\`) counts as so many cores. Node's pool
  has 4 threads, so at most 2 hashes run at once; \`UV_THREADPOOL_SIZE\` enlarges it where there are more cores.
- **Waiting**: 64 at most, and none longer than 10 s; who is still there then is refused.
- **Shed**: the rest gets 503 \`overloaded\` with \`Retry-After: 2\`. A refusal comes after a second, or else clients that try
  again at once would keep the server busy with refusals; at most 1024 are held back like this, the others are
  refused at once.

Every other request goes on as before. That is shown here: p99 of \`GET /livez\` and \`GET /me\` must stay under ${MOST_MS} ms
during the flood, every 503 must carry \`Retry-After\`, and the flood may add at most ${MOST_MB} MiB to the server's memory.

## How it was measured

${conditions(report)}

The server is the built one on SQLite with the standard cost of hashes (19 MiB, two passes), \`RATE_LIMITS=off\`, since the budgets would
stop such a flood much earlier. ${report.connections} connections send sign-ins, each the next one as soon as it has the answer to the last, whatever
\`Retry-After\` says; half of them with a right password. A second process asks for \`/livez\` and \`/me\` every 5 ms each, and
counts from the moment when a request was due. Both run on the same machine as the server, the flood with a lower
priority (nice 10), as it would come from elsewhere. Each round is ${report.roundMs / 1000} s without the flood, then ${report.roundMs / 1000} s with it. Times are in milliseconds.

Again: \`npm run bench:flood\`, with \`-- --write\` to write this page. It fails when a promise above does not hold. Other work on the machine
shows at once, since the hashes take all cores as it is.

## What others see

${markdown(latencies(report))}

## What becomes of the sign-ins

${markdown(floods(report))}

"Sign-in" is how long an answer takes that is no refusal: mostly the wait in the queue.

## Memory

${memoryText(report)}

Hashes take their number at once times their memory, here ${report.hashesAtOnce} times 19 MiB; glibc may keep as much again for each thread
that has hashed before. The rest is what Node needs for ${report.connections} connections.
`
}

const probedPaths: (keyof Probed)[] = ['/livez', '/me']
type Phase = 'calm' | 'stormy'

function all(rounds: Round[], phase: Phase, path: keyof Probed): number[] {
  return rounds.flatMap((round) => round[phase][path])
}

function latencies({ rounds }: Report): string[][] {
  const groups: [string, Round[]][] = rounds.map((round, at) => [`round ${at + 1}`, [round]])
  const lines = probedPaths.flatMap((path) =>
    [...groups, ['all', rounds] as const].map(([name, some]) => [
      `${path}, ${name}`,
      ...spread(all([...some], 'calm', path)),
      ...spread(all([...some], 'stormy', path)),
    ]),
  )
  return [['', 'alone p50', 'p99', 'max', 'flood p50', 'p99', 'max'], ...lines]
}

function floods({ rounds, floodMs }: Report): string[][] {
  const lines = rounds.map(({ flooded: { statuses, withoutRetryAfter, served } }, at) => [
    `round ${at + 1}`,
    ...STATUSES.map((status) => `${statuses[status] ?? 0}`),
    `${withoutRetryAfter}`,
    (served.length / (floodMs / 1000)).toFixed(0),
    ...spread(served),
  ])
  const head = [
    '',
    ...STATUSES.map(String),
    'no Retry-After',
    'served/s',
    'sign-in p50',
    'p99',
    'max',
  ]
  return [head, ...lines]
}

function spread(times: number[]): string[] {
  return [0.5, 0.99, 1].map((share) => {
    const value = quantile(times, share)
    return value < 100 ? value.toFixed(1) : value.toFixed(0)
  })
}

function conditions({ load }: Report): string {
  return `${machine()}; load average ${load.toFixed(2)} before the first round.`
}

function memoryText({ memory: { before, highest, after } }: Report): string {
  return `Resident memory: ${before} MiB before the flood, ${highest} MiB at its highest, ${after} MiB five seconds after it.`
}

function markdown([head = [], ...rows]: string[][]): string {
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
