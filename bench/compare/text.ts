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

/** The figures of a run for a terminal. */
export function asText(results: Results): string {
  const { machine, databaseVersion, rounds, load, hashLibrary, leftOut } = results
  const errors = allErrors(results)
  const targets = targetsOf({ [results.database]: results }).filter(({ measured }) => measured)
  return [
    `${machine}; ${databaseVersion}; hashes by ${hashLibrary}; ${rounds} rounds; load average before it ${load.toFixed(1)}`,
    ...(Object.keys(results.rates) as Operation[]).map(
      (operation) => `${operation}\n${rateTable(results, operation)}`,
    ),
    resourceTable(results),
    ...(results.paced || results.flooded ? [delayTable(results.paced, results.flooded)] : []),
    ...(results.memory ? [memoryTable(results.memory)] : []),
    targetTable(targets),
    ...leftOut.map(({ name, reason }) => `LEFT OUT: ${name}: ${reason}`),
    ...(errors > 0 ? [`ERRORS: ${errors} requests were no success; the tables say which.`] : []),
  ].join('\n\n')
}
