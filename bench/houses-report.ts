import { machine } from './figures.ts'
import type { LoopFigures } from './houses-measure.ts'
import type { Figures } from './in-turns.ts'

/** What cursor pages, gets and creates may become from the smallest table to the largest. */
export const MOST_GROWTH = 1.5

/** One kind of request: its figures for each size, and how much slower the largest table makes it. */
export type Line = { name: string; isBounded: boolean; figures: Figures[]; growth: number }

export type Report = {
  version: string
  sizes: number[]
  lines: Line[]
  loops: Record<string, LoopFigures>
  /** Rows per second into the largest table. */
  filling: number
}

/** Whether a request that may not grow did, or did not succeed. */
export function isTooMuch({ isBounded, growth, figures }: Line): boolean {
  return isBounded && (growth > MOST_GROWTH || figures.some(({ status }) => status !== 0))
}

/** The figures for a terminal. */
export function asText(report: Report): string {
  const width = Math.max(...report.lines.map(({ name }) => name.length))
  const table = tableOf(report).map(([name = '', ...cells]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join(' '),
  )
  const loops = Object.entries(report.loops).map(([name, loop]) => `${name}: ${loopText(loop)}`)
  return [headline(report), '', ...table, '', 'GET /verify meanwhile', ...loops, ''].join('\n')
}

/** The page for people who want to know before they have a million houses. */
export function asPage(reports: Report[]): string {
  return `# How the houses grow

<!-- Written by "npm run bench:houses -- --write"; run it again to change the figures. -->

What a request costs with a thousand houses and with a million. A page by cursor, a read and a create must cost at most
${MOST_GROWTH} times as much with a million; they find their rows through an index, wherever in the list those are.

Two things grow by their nature, and are bounded in another way:

- **Text filters** look at every house, or, with \`ownerId\`, at every house of that owner, since no index finds a part
  of a word. They read some thousand houses at a time and let other requests go in between; two run at once, the others wait,
  and one that takes longer than 5 seconds is refused with 503 \`overloaded\`.
- **Pages by number** come with \`totalItems\`, so they count the houses, and they pass those of the pages before. Clients
  with long lists read by cursor.

## How it was measured

${machine()}. Each request goes through the whole server, without a socket: authentication, validation, database, answer.
One request at a time, after a warm-up; up to 300 for each figure, or as many as fit into 3 seconds, but at least 5.
Each request to the large table is followed by the same one to a table of ${amount(reports[0]?.sizes[0] ?? 0)} houses beside it, so that
both see the same machine. p50 is the median, p99 the time that one request in a hundred exceeds; \`growth\` compares the medians
of the largest and the smallest table. Times are in milliseconds. A number of three digits in brackets is the status of an
answer that was a refusal.

After filling, MySQL and MariaDB count their rows anew (\`ANALYZE TABLE\`), which they otherwise do some time later by
themselves. SQLite is not told to, as the server never does.

Again: \`npm run bench:houses\`, with \`-- --sqlite\` or \`-- --mysql\` for one database, \`-- --rows 100000\` for
fewer houses, \`-- --write\` to write this page. Like the tests it uses the server that \`TEST_DATABASE_URL\` names, or starts a
MariaDB or MySQL server of its own. It fails when something grows that must not.

${reports.map(section).join('\n')}`
}

function section(report: Report): string {
  const [head = [], ...rows] = tableOf(report)
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'))
  const table = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const loops = Object.entries(report.loops).map(([name, loop]) => `- ${name}: ${loopText(loop)}`)
  return `## ${headline(report)}

${table.join('\n')}

How long others wait with ${amount(report.sizes.at(-1) ?? 0)} houses, by \`GET /verify\` every 10 ms for 5 seconds, counted from the moment it was due:

${loops.join('\n')}
`
}

function headline({ version, filling }: Report): string {
  return `${version} (filled with ${amount(Math.round(filling))} houses a second)`
}

function tableOf({ sizes, lines }: Report): string[][] {
  const head = sizes.flatMap((size) => [amount(size), 'p99'])
  return [['p50 and p99, ms', ...head, 'growth', ''], ...lines.map(cellsOf)]
}

function cellsOf(line: Line): string[] {
  const { name, isBounded, figures, growth } = line
  const times = figures.flatMap((one) => [timeText(one, one.p50), timeText(one, one.p99)])
  const verdict = isTooMuch(line) ? 'too much' : `at most ${MOST_GROWTH}`
  return [name, ...times, ratio(growth), isBounded ? verdict : 'may grow']
}

function timeText({ count, status }: Figures, time: number): string {
  if (count === 0) return 'no page'
  return status === 0 ? ms(time) : `${ms(time)} (${status})`
}

function loopText({ verify, delayP99, delayMax }: LoopFigures): string {
  return `p50 ${ms(verify.p50)} ms, p99 ${ms(verify.p99)} ms; delay of the event loop p99 ${ms(delayP99)} ms, most ${ms(delayMax)} ms`
}

const amount = (count: number) => count.toLocaleString('en')
const ratio = (value: number) => (Number.isNaN(value) ? '' : value.toFixed(2))
const ms = (value: number) => (value < 100 ? value.toFixed(2) : value.toFixed(0))
