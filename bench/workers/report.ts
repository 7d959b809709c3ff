import { medianOf, rateOf, ratioOf } from '../compare/read-results.ts'
import type { Row } from '../compare/results.ts'
import type { Operation } from '../load/target.ts'
import { figure, spreadText, table } from '../support/table.ts'

/** The machine that the last table speaks of. */
const CORES = 16

/** Hashes use all cores with one worker, too. */
export type Paired = Exclude<Operation, 'login'>

/** One worker and two, doing the same in the same rounds. */
export type Pair = { database: 'sqlite' | 'mysql'; operation: Paired; rows: [Row, Row] }

const NAMES: Record<Paired, string> = {
  verify: '`GET /verify`',
  me: '`GET /me`',
  refresh: '`POST /refresh`',
}

export function figuresOf(pairs: readonly Pair[]): string {
  return `${pairTable(pairs)}

### A machine with ${CORES} cores

Computed from the processor times above: the requests of one kind that ${CORES} cores do in a second, with as many
workers as the server's share of the processor time asks for, the database on the same machine, and the load elsewhere.

${machineTable(pairs)}`
}

function pairTable(pairs: readonly Pair[]): string {
  const head = ['request', 'of one worker, 1/s', 'two beside one', "server's time, two beside one"]
  const times = ['server ms', 'database ms', 'load ms']
  return table(
    [...head, ...times],
    pairs.map((pair) => {
      const [one, two] = pair.rows
      const cost = medianOf(two, 'serverMs') / medianOf(one, 'serverMs')
      return [
        nameOf(pair),
        spreadText(rateOf(one)),
        spreadText(ratioOf(two, one) ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN }),
        figure(cost),
        figure(medianOf(two, 'serverMs')),
        pair.database === 'mysql' ? figure(medianOf(two, 'databaseMs')) : '–',
        figure(medianOf(two, 'loadMs')),
      ]
    }),
  )
}

/** What writes to a file has one writer, so more cores do not help it. */
function machineTable(pairs: readonly Pair[]): string {
  return table(
    ['request', 'a second', 'cores of the server', 'cores of the database'],
    pairs.map((pair) => {
      const [one, two] = pair.rows
      if (pair.database === 'sqlite' && pair.operation === 'refresh') {
        return [nameOf(pair), `${figure(rateOf(one).median)}, as on two cores`, '1', '–']
      }
      const server = medianOf(two, 'serverMs')
      const database = pair.database === 'mysql' ? medianOf(two, 'databaseMs') : 0
      const perSecond = (CORES * 1000) / (server + database)
      const coresOf = (ms: number) => figure((perSecond * ms) / 1000)
      return [nameOf(pair), figure(perSecond), coresOf(server), coresOf(database)]
    }),
  )
}

function nameOf({ operation, database }: Pair): string {
  return `${NAMES[operation]}, ${database === 'sqlite' ? 'SQLite' : 'MariaDB'}`
}
