// What the figures of a run say about Latchkey, in numbers.
import type { Operation, Synchronous } from './contender.ts'
import type { Results, Row } from './results.ts'
import { ratios, type Spread, spreadOf } from './spread.ts'

function ratesOf({ samples }: Row): number[] {
  return samples.map(({ perSecond }) => perSecond)
}

export function rateOf(row: Row): Spread {
  return spreadOf(ratesOf(row))
}

export function errorsOf({ samples }: Row): number {
  return samples.reduce((sum, { errors }) => sum + errors, 0)
}

export function latchkeyIn(results: Results, operation: Operation): Row | undefined {
  return rowsOf(results, operation).find(({ kind }) => kind === 'latchkey')
}

/** The ceiling of an operation; hashes have one for each library. */
export function ceilingIn(results: Results, operation: Operation): Row | undefined {
  const ceilings = rowsOf(results, operation).filter(({ kind }) => kind === 'ceiling')
  if (operation !== 'login') return fastest(ceilings)
  return ceilings.find(({ library }) => library === results.hashLibrary)
}

type Which = { synchronous?: Synchronous; prisma?: true }

/** The fastest of the peers. */
export function bestPeerIn(
  results: Results,
  operation: Operation,
  { synchronous = 'NORMAL', prisma }: Which = {},
): Row | undefined {
  return fastest(
    rowsOf(results, operation).filter(
      (row) =>
        row.kind === 'peer' &&
        row.synchronous === synchronous &&
        (prisma === undefined || row.prisma === prisma),
    ),
  )
}

/** One row in terms of another of the same rounds; undefined when one of them was not measured. */
export function ratioOf(row: Row | undefined, to: Row | undefined): Spread | undefined {
  return row && to ? ratios(ratesOf(row), ratesOf(to)) : undefined
}

function rowsOf({ rates }: Results, operation: Operation): Row[] {
  return rates[operation] ?? []
}

function fastest(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((one, other) => rateOf(other).median - rateOf(one).median)[0]
}
