// The tables of a report, for the terminal and for the page.
import { median } from '../figures.ts'
import type { Operation } from './contender.ts'
import { ceilingIn, errorsOf, rateOf, ratioOf } from './read-results.ts'
import type { Flooded, Memory, Paced, Results, Row, Sample } from './results.ts'
import { spreadOf } from './spread.ts'
import { figure, spreadText, table } from './table.ts'
import { isMet, type Target } from './targets.ts'

/** What a row is called where the same server is there twice. */
export function nameOf({ name, kind, synchronous }: Row, operation: Operation): string {
  return kind === 'peer' && operation === 'refresh' ? `${name}, ${synchronous}` : name
}

export function targetTable(targets: Target[]): string {
  return table(
    ['target', 'bound', 'measured', '', 'compared with'],
    targets.map((target) => [
      target.what,
      `${target.unit === '×' ? '≥' : '<'} ${target.bound} ${target.unit}`,
      target.measured ? `${spreadText(target.measured)} ${target.unit}` : '–',
      verdict(target),
      target.against ?? '',
    ]),
  )
}

function verdict(target: Target): string {
  const isGood = isMet(target)
  if (isGood === undefined) return 'not measured'
  return isGood ? 'met' : '**not met**'
}

export function rateTable(results: Results, operation: Operation): string {
  const ceiling = ceilingIn(results, operation)
  const rows = results.rates[operation] ?? []
  const isNoRotation = (row: Row) => operation === 'refresh' && row.rotates === false
  return table(
    ['server', 'per second', 'of the ceiling', 'server ms', 'database ms', 'load ms', 'errors'],
    rows
      .toSorted((one, other) => rateOf(other).median - rateOf(one).median)
      .map((row) => {
        const ratio = ratioOf(row, ceiling)
        return [
          `${nameOf(row, operation)}${isNoRotation(row) ? ' (no rotation)' : ''}`,
          spreadText(rateOf(row)),
          ratio ? spreadText(ratio) : '–',
          middle(row, 'serverMs'),
          results.database === 'mysql' ? middle(row, 'databaseMs') : '',
          middle(row, 'loadMs'),
          `${errorsOf(row)}`,
        ]
      }),
  )
}

function middle({ samples }: Row, key: 'serverMs' | 'databaseMs' | 'loadMs'): string {
  const values = samples.map((sample: Sample) => sample[key]).filter((value) => value !== null)
  return values.length > 0 ? figure(median(values)) : '–'
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

const PROBED = ['verify', 'me'] as const

export function delayTable(paced: Paced | undefined, flooded: Flooded | undefined): string {
  const calm = flooded?.rounds.map((round) => round.calm) ?? []
  const stormy = flooded?.rounds.map((round) => round.stormy) ?? []
  const probes = PROBED.flatMap((operation) => [
    [`GET /${operation}, alone`, calm.map((times) => times[operation])] as const,
    [`GET /${operation}, beside the flood`, stormy.map((times) => times[operation])] as const,
  ])
  const lines = [
    [`POST /refresh, ${figure(paced?.perSecond)} a second`, paced?.rounds ?? []] as const,
    ...probes,
  ]
  return table(
    ['requests', 'p50, ms', 'p99, ms', 'slowest, ms'],
    lines.map(([name, rounds]) => [
      name,
      ...(['p50', 'p99', 'max'] as const).map((key) =>
        rounds.length > 0
          ? spreadText(spreadOf(rounds.map((times) => times?.[key] ?? Number.NaN)))
          : '–',
      ),
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

/** Everything that was no success and should have been. */
export function allErrors({ rates, paced, flooded, memory }: Results): number {
  const rows = Object.values(rates).flat()
  const alone = [paced, flooded, memory].map((part) => part?.errors ?? 0)
  return [...rows.map(errorsOf), ...alone].reduce((sum, count) => sum + count, 0)
}
