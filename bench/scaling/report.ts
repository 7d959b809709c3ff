import { amount, milliseconds, table } from '../support/table.ts'
import type { Line } from './dataset.ts'
import type { Filled } from './fill.ts'

/** `filled` is about the largest of the datasets. */
export type Report = { version: string; sizes: number[]; growth: Line[]; filled: Filled }

/** What did not hold, in words; nothing when all did. */
export function missedIn({ version, growth }: Report, maxGrowth: number): string[] {
  return growth
    .filter((line) => isTooMuch(line, maxGrowth))
    .map((line) => `${version}: ${line.name} grows ${growthOf(line).toFixed(2)} times, or fails`)
}

export function section({ version, sizes, growth, filled }: Report, maxGrowth: number): string {
  const head = sizes.flatMap((size) => [amount(size), 'p99'])
  const rows = growth.map((line) => cellsOf(line, maxGrowth))
  const rates = table(['p50 and p99, ms', ...head, 'growth', ''], rows)
  const space = Object.entries(filled.rowBytes).map(([name, size]) => `${name} ${amount(size)}`)
  return `## ${version}\n\n${rates}\n\nBytes of a row with its index entries: ${space.join(', ')}. Filled with ${amount(filled.rowsPerSecond)} rows a second.`
}

function cellsOf(line: Line, maxGrowth: number): string[] {
  const { name, isBounded, figures } = line
  const times = figures.flatMap(({ count, p50, p99, status }) => {
    if (count === 0) return ['no page', '']
    const refusal = status === 0 ? '' : ` (${status})`
    return [`${milliseconds(p50)}${refusal}`, milliseconds(p99)]
  })
  const growth = growthOf(line)
  const verdict = isTooMuch(line, maxGrowth) ? 'too much' : `at most ${maxGrowth}`
  const limit = isBounded ? verdict : 'may grow'
  return [name, ...times, Number.isNaN(growth) ? '' : growth.toFixed(2), limit]
}

function isTooMuch({ isBounded, ...line }: Line, maxGrowth: number): boolean {
  const hasFailed = line.figures.some(({ status }) => status !== 0)
  return isBounded && (hasFailed || !(growthOf({ isBounded, ...line }) <= maxGrowth))
}

/** From the smallest dataset to the largest. */
function growthOf({ figures }: Line): number {
  return (figures.at(-1)?.p50 ?? Number.NaN) / (figures[0]?.p50 ?? Number.NaN)
}
