// The tables of a report, for the terminal and for the page.
import type { Operation } from '../load/target.ts'
import { spreadOf } from '../support/statistics.ts'
import { figure, spreadText, table } from '../support/table.ts'
import { type Goal, isMet, OPERATION_NAMES } from './goals.ts'
import {
  type CostKey,
  costRatioOf,
  medianOf,
  rateOf,
  ratioOf,
  upperBoundIn,
} from './read-results.ts'
import type { Instructions, Memory, Results, Row } from './results.ts'

/** What a row is called where the same server is there twice. */
function nameOf({ name, kind, synchronous }: Row, operation: Operation): string {
  return kind === 'peer' && operation === 'refresh' ? `${name}, ${synchronous}` : name
}

const SIGNS: Record<Goal['is'], string> = { 'at least': '≥', 'at most': '≤', 'less than': '<' }

export function goalTable(goals: Goal[]): string {
  return table(
    ['target', 'bound', 'measured', '', 'compared with'],
    goals.map((goal) => [
      goal.what,
      `${SIGNS[goal.is]} ${goal.bound} ${goal.unit}`,
      goal.measured ? `${spreadText(goal.measured)} ${goal.unit}` : '–',
      verdict(goal),
      goal.against ?? '',
    ]),
  )
}

export function instructionTable({ bare, latchkey }: Instructions): string {
  const rows = Object.entries(latchkey).map(([operation, each]) => [
    OPERATION_NAMES[operation as Operation],
    figure(each / 1000),
    figure(each / bare),
  ])
  return table(
    ['request', 'thousand instructions', "times the bare route's"],
    [['bare Fastify', figure(bare / 1000), figure(1)], ...rows],
  )
}

function verdict(goal: Goal): string {
  const isGood = isMet(goal)
  if (isGood === undefined) return 'not measured'
  return isGood ? 'met' : '**not met**'
}

export function rateTable(results: Results, operation: Operation): string {
  const bound = upperBoundIn(results, operation)
  const rows = results.rates[operation] ?? []
  const isNoRotation = (row: Row) => operation === 'refresh' && row.rotates === false
  return table(
    [
      ...['server', 'per second', 'of the upper bound'],
      ...['server ms', "times the bound's", 'database ms', 'load ms'],
    ],
    rows
      .toSorted((one, other) => rateOf(other).median - rateOf(one).median)
      .map((row) => {
        const ratio = ratioOf(row, bound)
        const cost = costRatioOf(row, bound)
        return [
          `${nameOf(row, operation)}${isNoRotation(row) ? ' (no rotation)' : ''}`,
          spreadText(rateOf(row)),
          ratio ? spreadText(ratio) : '–',
          middle(row, 'serverMs'),
          cost ? spreadText(cost) : '–',
          results.database === 'mysql' ? middle(row, 'databaseMs') : '',
          middle(row, 'loadMs'),
        ]
      }),
  )
}

function middle(row: Row, key: CostKey): string {
  return figure(medianOf(row, key))
}

export function resourceTable({ resources }: Results): string {
  return table(
    ['server', 'start, ms', 'memory idle, MB', 'after all loads, MB'],
    resources.map(({ name, startMs, idleMb, afterMb }) => [
      name,
      startMs.length > 0 ? spreadText(spreadOf(startMs)) : '–',
      figure(idleMb),
      figure(afterMb),
    ]),
  )
}

const MOMENTS = [0, 0.1, 0.25, 0.5, 0.75, 1]

export function memoryTable({ idleMb, samplesMb, settledMb, seconds }: Memory): string {
  const at = (share: number) => samplesMb[Math.round(share * (samplesMb.length - 1))]
  const moments = MOMENTS.map((share) => [`${Math.round(share * seconds)} s`, figure(at(share))])
  return table(
    ['moment', 'MB'],
    [['idle', figure(idleMb)], ...moments, ['some seconds later', figure(settledMb)]],
  )
}
