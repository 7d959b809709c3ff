// docs/benchmarks.md: made from the stored results, but for what people write between two marks.
import type { Operation } from './contender.ts'
import type { Results } from './results.ts'
import {
  allErrors,
  delayTable,
  memoryTable,
  rateTable,
  resourceTable,
  targetTable,
} from './tables.ts'
import { targetsOf } from './targets.ts'

const BEGIN = '<!-- What follows is written by hand; a new run keeps it. -->'
const END = '<!-- Here the figures go on. -->'
const NOTHING_YET = '\nNothing is noted yet.\n'

const OPERATIONS: Record<Operation, { title: string; how: string }> = {
  verify: {
    title: 'A protected request, claims only',
    how: '`GET /verify` and the like, 50 connections: the token is checked, no database is asked. The ceiling is a JSON route of bare Fastify without any token.',
  },
  me: {
    title: "A protected request that reads the user's row",
    how: '`GET /me` and the like, 50 connections.',
  },
  login: {
    title: 'Sign-in',
    how: '8 connections, 64 accounts. The ceiling is a loop that only hashes, with the library that made Latchkey’s hashes, the same parameters and 8 hashes under way.',
  },
  refresh: {
    title: 'Refresh',
    how: '16 chains at once: the token of each answer makes the next request. The ceiling sends the statements of such a refresh to the raw driver. Peers are shown as their documentation has them (NORMAL: the last commits may be lost with the power) and with every commit synced as Latchkey does (FULL).',
  },
}

/** Where the plot of an operation lies, seen from the page. */
export function plotPath(operation: Operation): string {
  return `benchmarks/${operation}.svg`
}

/** What a plot is called. */
export function plotTitle(operation: Operation): string {
  return OPERATIONS[operation].title
}

export type Stored = { sqlite?: Results; mysql?: Results }

/** The whole page. @param before the page as it was, whose hand-written part is kept */
export function pageOf(stored: Stored, before: string): string {
  const runs = [stored.sqlite, stored.mysql].filter((results) => results !== undefined)
  return `# Benchmarks

<!-- Written by "npm run bench -- --write"; run it again to change the figures. -->

Latchkey beside other servers that do the same work, and beside what the machine allows at most. Every figure is the median of
its rounds [slowest–fastest]; ratios are taken within each round, of figures of the same minute. As absolute numbers they say
little about another machine; as ratios they hold.

Again: \`npm run bench -- --write\` (a quarter of an hour, on a quiet machine), and with \`--mysql\` for the database server.
\`--quick\` takes two minutes, \`--only refresh express\` measures only what these words name.

${runs.map(conditions).join('\n')}

## Targets

${targetTable(targetsOf(stored))}

${runs.map(errorsLine).join('\n')}

## What was tried

${BEGIN}${handWritten(before)}${END}

${runs.map(runText).join('\n')}
## How it was measured

${HOW}
${stored.sqlite ? peerNotes(stored.sqlite) : ''}`
}

const HOW = `- Latchkey runs as \`npm run build\` makes it, with its durable settings, \`RATE_LIMITS=off\` (all the load comes from one address) and
  \`LOG_LEVEL=warn\`, since the peers log nothing; one row shows what \`info\` costs.
- Every server and the load are processes of their own on the same machine. All take turns in each round, every other
  round in reverse order, so that whatever else the machine does hits all of them alike.
- The load is a small program over raw sockets: a general one takes more processor time for a request than the fastest
  routes here, and would measure itself. Its own time is in the tables, as milliseconds of a core for each request.
- At fixed rates, a request's time counts from the moment when it was due, not from when it could be sent.
- Memory is what \`ps\` calls resident; of several processes of one server, each counts its part of what they share.
- The flood of sign-ins comes over 200 connections, each sending the next as soon as the last is answered, while
  \`GET /verify\` and \`GET /me\` are asked for 200 times a second each.
- The mixed load is an hour of 50 requests a second, compressed: of each hundred 60 are \`GET /verify\`, 26 \`GET /me\`, 8 refreshes,
  3 sign-ins, 2 sign-outs and 1 registration. Its growth is that of the straight line through the second half.
`

function conditions(results: Results): string {
  const { database, machine, date, rounds, load, databaseVersion, isQuick, hashLibrary } = results
  const title = database === 'mysql' ? 'On a database server' : 'On a SQLite file'
  const haste = isQuick ? ' This was a quick run: its figures are rough.' : ''
  return `- ${title}: ${machine}, ${date}; ${databaseVersion}; hashes by \`${hashLibrary}\`; ${rounds} rounds; load average before it ${load.toFixed(1)}.${haste}`
}

function errorsLine(results: Results): string {
  const errors = allErrors(results)
  const place = results.database === 'mysql' ? 'the database server' : 'SQLite'
  return errors === 0
    ? `Errors on ${place}: none.`
    : `**ERRORS on ${place}: ${errors} requests were no success; the tables say which.**`
}

function runText(results: Results): string {
  const isMain = results.database === 'sqlite'
  const place = isMain ? '' : ', MariaDB'
  const operations = Object.keys(results.rates) as Operation[]
  const sections = operations.map((operation) => {
    const { title, how } = OPERATIONS[operation]
    const plot = isMain ? `![${title}](${plotPath(operation)})\n\n` : ''
    const text = isMain ? `${how}\n\n` : ''
    return `## ${title}${place}\n\n${text}${plot}${rateTable(results, operation)}\n`
  })
  return [...sections, ...aloneText(results, place)].join('\n')
}

function aloneText({ resources, paced, flooded, memory, ...rest }: Results, place: string) {
  const results = { ...rest, resources }
  const signIns = Object.entries(flooded?.signIns ?? {}).map(([status, n]) => `${n} with ${status}`)
  return [
    `## Start and memory${place}\n\n${resourceTable(results)}\n`,
    `## How long others wait${place}\n\n${delayTable(paced, flooded)}\n`,
    ...(flooded ? [`The sign-ins of the flood were answered: ${signIns.join(', ')}.\n`] : []),
    ...(memory
      ? [
          `## Memory during the mixed load${place}\n\n${memoryTable(memory)}\n`,
          `${memory.perSecond} requests a second for ${memory.seconds} s; p99 of all of them ${memory.p99.toFixed(1)} ms.\n`,
        ]
      : []),
  ]
}

function peerNotes({ resources, leftOut }: Results): string {
  const notes = resources.filter(({ notes }) => notes !== '')
  const lines = notes.map(({ name, notes }) => `- **${name}**: ${notes}`)
  const out = leftOut.map(({ name, reason }) => `- **${name}** was left out: ${reason}`)
  return `\n## Who took part\n\n${[...lines, ...out].join('\n')}\n`
}

function handWritten(page: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  return begin < 0 || end < begin ? NOTHING_YET : page.slice(begin + BEGIN.length, end)
}
