// Latchkey as it stands here beside another state of the repository.
import { LATCHKEY } from '../load/latchkey.ts'
import type { Operation } from '../load/target.ts'
import { medianInterval } from '../support/statistics.ts'
import { figure, table } from '../support/table.ts'
import { rateOf, ratesOf } from './read-results.ts'
import type { Results, Row } from './results.ts'

/** A median below this share of the other state counts as slower. */
const MIN_RATIO = 0.97

/** One line for each operation, and the operations that became slower. */
export function againstTable({ rates }: Pick<Results, 'rates'>) {
  const slower: string[] = []
  const lines = Object.entries(rates).map(([operation, rows]) => {
    const [here, other] = [rowOf(rows, true), rowOf(rows, false)]
    const ratios = ratesOf(here).map((rate, round) => rate / (ratesOf(other)[round] ?? Number.NaN))
    const { median, low, high } = medianInterval(ratios)
    if (!(median >= MIN_RATIO)) slower.push(operation)
    return [
      operation satisfies string as Operation,
      figure(rateOf(other).median),
      figure(rateOf(here).median),
      median.toFixed(3),
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
      `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      median >= MIN_RATIO ? 'as fast' : 'SLOWER',
    ]
  })
  const head = ['operation', 'before, 1/s', 'after, 1/s', 'ratio', '95 % of the median']
  const text = table([...head, 'all rounds', 'verdict'], lines)
  return { text, slower }
}

function rowOf(rows: Row[], isHere: boolean): Row {
  const row = rows.find(({ name }) => (name === LATCHKEY) === isHere)
  if (!row) throw new Error('both states of Latchkey take part')
  return row
}
