import { machine } from '../figures.ts'
import type { Figures } from '../in-turns.ts'
import type { Filled } from './fill.ts'
import type { Refreshed } from './refreshes.ts'

/** What an operation may become from the smallest world to the largest. */
const MOST_GROWTH = 1.3
/** What the database may become by refreshes; the first ones split pages that were filled to the brim. */
const MOST_SWELLING = 1.02

export type Line = { name: string; isBounded: boolean; figures: Figures[] }

export type Report = {
  version: string
  sizes: number[]
  lines: Line[]
  /** Of the largest world. */
  filled: Filled
  refreshed: Refreshed
}

/** What did not hold, in words; nothing when all did. */
export function missed({ version, lines, refreshed }: Report): string[] {
  const slow = lines
    .filter((line) => isTooMuch(line))
    .map((line) => `${version}: ${line.name} grows ${growthOf(line).toFixed(2)} times`)
  const swelling = swellingOf(refreshed)
  if (swelling <= MOST_SWELLING) return slow
  return [...slow, `${version}: refreshes make the database ${swelling.toFixed(2)} times as large`]
}

function isTooMuch(line: Line): boolean {
  const isSlow = line.isBounded && !(growthOf(line) <= MOST_GROWTH)
  return isSlow || line.figures.some(({ status }) => status !== 0)
}

function growthOf({ figures }: Line): number {
  return (figures.at(-1)?.p50 ?? Number.NaN) / (figures[0]?.p50 ?? Number.NaN)
}

/** From after the first tenth of the refreshes, when each session had its first ones, to the end. */
function swellingOf({ sizes }: Refreshed): number {
  return (sizes.at(-1)?.bytes ?? Number.NaN) / (sizes[1]?.bytes ?? Number.NaN)
}

/** The figures for a terminal. */
export function asText(report: Report): string {
  const rows = tableOf(report)
  const width = Math.max(...rows.map(([name = '']) => name.length))
  const table = rows.map(([name = '', ...cells]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(11))].join(' '),
  )
  return [report.version, '', ...table, '', ...spaceOf(report), ''].join('\n')
}

/** The page for people who want to know before they have a million users. */
export function asPage(reports: Report[]): string {
  return `# How users and sessions grow

<!-- Written by "npm run bench:growth -- --write"; run it again to change the figures. -->

What signing in, refreshing and reading cost with a thousand users and with a million, who have three sessions each. Every
statement finds its rows through an index, so the median of each of them must become at most ${MOST_GROWTH} times as long.

## How it was measured

${machine()}. Each world has a database of its own: users over two years; three sessions for each, opened within the last
60 days and refreshed since, of which one in ten has ended within the last day; and an audit entry for each sign-in. In a world
of any size 100 sessions have ended, and 10 users have changed their role, within the last minute: how much the revocation feed
has to read depends on that and not on the users.

What clients ask for goes over HTTP to the server as built for production, on SQLite with its own durable settings and on a MariaDB
server that syncs each commit; only the cost of a password hash is the lowest there is, so that a sign-in shows
what its statements take. Sessions and users are taken from all over the tables, none of them twice. What the server does by itself, the poll of the
revocation feed and the cleaner, is called in the process that measures; for the cleaner as many rows as it says are put there
before each turn, which is not counted. A whole batch of 500 sessions may grow: it is a sixth of all sessions of the smallest world, and
so on far fewer pages than in a large one. One request at a time, after a warm-up; up to 900 for each figure, or as many as fit into 6 seconds.
The worlds take turns, request by request, so that all of them see the same machine. p50 is the median, p99
the time that one request in a hundred exceeds; \`growth\` compares the medians of the largest and the smallest world. Times are in
milliseconds. All of it was filled in shortly before, so the files are in the memory of the machine.

Again: \`npm run bench:growth\`, with \`-- --sqlite\` or \`-- --mariadb\` for one database, \`-- --quick\` without the million,
\`-- --refreshes 1000000\` for another number of refreshes, \`-- --write\` to write this page. It starts a MariaDB server of its own, needs 10 GB
in the temporary folder, and fails when something grows that must not.

${reports.map(section).join('\n')}`
}

function section(report: Report): string {
  const [head = [], ...rows] = tableOf(report)
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'))
  const table = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const space = spaceOf(report).map((line) => `- ${line}`)
  return `## ${report.version}\n\n${table.join('\n')}\n\n${space.join('\n')}\n`
}

function tableOf({ sizes, lines }: Report): string[][] {
  const head = sizes.flatMap((size) => [amount(size), 'p99'])
  return [['p50 and p99, ms', ...head, 'growth', ''], ...lines.map(cellsOf)]
}

function cellsOf(line: Line): string[] {
  const times = line.figures.flatMap(({ p50, p99, status }) => [
    status === 0 ? ms(p50) : `${ms(p50)} (${status})`,
    ms(p99),
  ])
  const limit = line.isBounded ? `at most ${MOST_GROWTH}` : 'may grow'
  return [line.name, ...times, growthOf(line).toFixed(2), isTooMuch(line) ? 'too much' : limit]
}

function spaceOf({ sizes, filled, refreshed }: Report): string[] {
  const { user, session, auditEvent } = filled.bytesOf
  const [before, settled] = refreshed.sizes
  const after = refreshed.sizes.at(-1)
  const whole = user + 3 * (session + auditEvent)
  return [
    `Space, with indexes: ${amount(user)} bytes for a user, ${amount(session)} for a session, ${amount(auditEvent)} for an audit entry; ${amount(whole)} for a user with three sessions and their entries, measured with ${amount(sizes.at(-1) ?? 0)} users (${amount(filled.rowsPerSecond)} rows a second filled in).`,
    `${amount(after?.refreshes ?? 0)} refreshes of the same ${amount(refreshed.sessions)} sessions, by the server's own statement in this process (${amount(refreshed.perSecond)} a second): the whole database of ${amount(sizes[0] ?? 0)} users takes ${amount(before?.bytes ?? 0)} bytes before, ${amount(settled?.bytes ?? 0)} after the first ${amount(settled?.refreshes ?? 0)} and ${amount(after?.bytes ?? 0)} at the end.`,
  ]
}

const amount = (count: number) => Math.round(count).toLocaleString('en')
const ms = (value: number) => (value < 100 ? value.toFixed(2) : value.toFixed(0))
