// The figures of docs/benchmarks.md; the prose around them is written by hand.
import type { Operation } from '../load/target.ts'
import { goalsOf } from './goals.ts'
import type { Results } from './results.ts'
import { goalTable, instructionTable, memoryTable, rateTable, resourceTable } from './tables.ts'

const TITLES: Record<Operation, string> = {
  verify: 'A protected request, claims only',
  me: "A protected request that reads the user's row",
  login: 'Sign-in',
  refresh: 'Refresh',
}

export type Stored = { sqlite?: Results; mysql?: Results }

export function figuresOf(stored: Stored): string {
  const runs = [stored.sqlite, stored.mysql].filter((results) => results !== undefined)
  return `${runs.map(conditions).join('\n')}

## Targets

${goalTable(goalsOf(stored))}

${runs.map(runSections).join('\n\n')}

${runs.map(leftOutLines).join('\n')}`
}

/** All tables of one run, also for the terminal. */
export function runSections(results: Results): string {
  const { memory, instructions, database } = results
  const suffix = database === 'sqlite' ? '' : ', MariaDB'
  const operations = Object.keys(results.rates) as Operation[]
  const rates = operations.map(
    (operation) => `## ${TITLES[operation]}${suffix}\n\n${rateTable(results, operation)}`,
  )
  return [
    ...rates,
    `## Start and memory${suffix}\n\n${resourceTable(results)}`,
    ...(memory
      ? [
          `## Memory during the mixed load${suffix}\n\n${memoryTable(memory)}`,
          `${memory.perSecond} requests a second for ${memory.seconds} s; p99 of all of them ${memory.p99.toFixed(1)} ms.`,
        ]
      : []),
    ...(instructions
      ? [`## Instructions of one request${suffix}\n\n${instructionTable(instructions)}`]
      : []),
  ].join('\n\n')
}

function conditions(results: Results): string {
  const { database, machine, date, commit, rounds, load } = results
  const { databaseVersion, isQuick, hashLibrary } = results
  const title = database === 'mysql' ? 'On a database server' : 'On a SQLite file'
  const rough = isQuick ? ' This was a quick run: its figures are rough.' : ''
  return `- ${title}: ${machine}, ${date}, commit ${commit}; ${databaseVersion}; hashes by \`${hashLibrary}\`; ${rounds} rounds; load average before it ${load.toFixed(1)}.${rough}`
}

export function leftOutLines({ leftOut }: Results): string {
  return leftOut.map(({ name, reason }) => `- **${name}** was left out: ${reason}`).join('\n')
}
