// What the figures of a run say about Latchkey, in numbers.
import type { Operation, Synchronous } from '../load/target.ts'
import { type Spread, spreadOf } from '../support/statistics.ts'
import type { Results, Row, Sample } from './results.ts'

export function ratesOf({ samples }: Row): number[] {
  return samples.map(({ perSecond }) => perSecond)
}

export function rateOf(row: Row): Spread {
  return spreadOf(ratesOf(row))
}

export function latchkeyIn(results: Results, operation: Operation): Row | undefined {
  return rowsOf(results, operation).find(({ kind }) => kind === 'latchkey')
}

/** The upperBound of an operation; hashes have one for each library. */
export function upperBoundIn(results: Results, operation: Operation): Row | undefined {
  const upperBounds = rowsOf(results, operation).filter(({ kind }) => kind === 'upperBound')
  if (operation !== 'login') return fastest(upperBounds)
  return upperBounds.find(({ library }) => library === results.hashLibrary)
}

/** The fastest of the peers. */
export function bestPeerIn(
  results: Results,
  operation: Operation,
  synchronous: Synchronous = 'NORMAL',
): Row | undefined {
  return fastest(
    rowsOf(results, operation).filter(
      (row) => row.kind === 'peer' && row.synchronous === synchronous,
    ),
  )
}

/** One row in terms of another of the same rounds; undefined when one of them was not measured. */
export function ratioOf(row: Row | undefined, to: Row | undefined): Spread | undefined {
  if (!row || !to) return undefined
  const others = ratesOf(to)
  return spreadOf(ratesOf(row).map((rate, round) => rate / (others[round] ?? Number.NaN)))
}

/** Processor time of one request. */
export type CostKey = 'serverMs' | 'databaseMs' | 'loadMs'

/** The median of all rounds; NaN where it is not known. */
export function medianOf({ samples }: Row, key: CostKey): number {
  return spreadOf(samples.flatMap((sample) => sample[key] ?? [])).median
}

/** The same of the server's processor time for a request; undefined where it is not known. */
export function costRatioOf(row: Row, to: Row | undefined): Spread | undefined {
  const costOf = (sample: Sample | undefined) => sample?.serverMs ?? Number.NaN
  const ratios = row.samples.map((sample, round) => costOf(sample) / costOf(to?.samples[round]))
  return ratios.some(Number.isNaN) ? undefined : spreadOf(ratios)
}

function rowsOf({ rates }: Results, operation: Operation): Row[] {
  return rates[operation] ?? []
}

function fastest(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((one, other) => rateOf(other).median - rateOf(one).median)[0]
}
